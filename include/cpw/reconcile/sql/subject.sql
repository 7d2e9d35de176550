-- Who each indicator and cohort asks about, where both sources have a figure.
with in_cohorts as (
    select
        *,
        'all' as cohort
    from everyone
    union all
    select
        *,
        'exc_uasc' as cohort
    from everyone
    where
        not coalesce(is_uasc, false)
        and kpi_id in (
            select kpi_id from catalogue
            where exc_uasc_cohort = 'yes'
        )
    union all
    select
        *,
        'uasc' as cohort
    from everyone
    where is_uasc and kpi_id = $in_care
)

select
    row_number() over () as id,
    in_cohorts.*,
    catalogue.unit,
    coalesce(person_id, source_id) as known_by,
    cast(day as varchar) as about,
    true as is_known,
    case
        when unit = 'mean' then cast(measure as varchar) when in_numerator then 'yes' else 'no'
    end as answer
from in_cohorts
inner join catalogue using (kpi_id)
where (kpi_id, case cohort when 'uasc' then 'exc_uasc' else cohort end) in (
    select (kpi_id, cohort)
    from figure
    where extract_status = 'computed' and ssda903_status = 'computed'
)
