-- The indicators and cohorts that a source has no figure of; published statistics are left out.
select
    kpi_id,
    name,
    cohort,
    coalesce(extract_status, 'no_source') = 'no_source' as not_in_extract,
    coalesce(ssda903_status, 'no_source') = 'no_source' as not_in_return
from figure
inner join catalogue using (kpi_id)
where unit <> 'external' and (not_in_extract or not_in_return)
order by kpi_id, cohort
