-- The indicators and cohorts that both sources have a figure of, and how many answers differ.
select
    figure.kpi_id,
    name,
    figure.cohort,
    unit,
    extract_shown,
    ssda903_shown,
    coalesce(subject, 'aggregate') <> 'aggregate' as has_subjects,
    (
        select count(*)
        from differing
        where
            differing.kpi_id = figure.kpi_id and differing.cohort = figure.cohort
            and in_source = 'both'
    ) as other_answers
from figure
inner join catalogue using (kpi_id)
where extract_status = 'computed' and ssda903_status = 'computed'
order by figure.kpi_id, figure.cohort
