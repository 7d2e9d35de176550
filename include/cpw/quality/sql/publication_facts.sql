-- One row of facts on all marts together: missing lines, and rows of other partitions.
select
    (
        select count(*)
        from scorecard_editions as e
        where
            e.in_place_of is null
            and e.edition in (select s.edition from marts.scorecard as s)
            and e.kpi_id not in (select s.kpi_id from marts.scorecard as s)
    ) as scorecard_lines_missing,
    (
        select count(*)
        from implemented
        inner join kpi_catalogue as c using (kpi_id)
        cross join (values ('all'), ('exc_uasc')) as cohorts (cohort)
        where
            (cohorts.cohort = 'all' or c.exc_uasc_cohort = 'yes')
            and (kpi_id, cohorts.cohort) not in
            (select (r.kpi_id, r.cohort) from marts.kpi_result as r)
    ) as results_missing,
    {{ strangers }} as rows_of_other_partitions
