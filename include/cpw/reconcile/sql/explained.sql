-- The cause of each difference; a child who is not in care explains the child's other differences.
with in_care as (
    select
        no,
        person_id,
        in_source
    from differing
    where kpi_id = $in_care and cohort = 'all' and in_source <> 'both'
)

select
    differing.no,
    found.* exclude (no)
from differing
left join in_care
    on differing.person_id = in_care.person_id and differing.in_source = in_care.in_source
inner join first_found as found on coalesce(in_care.no, differing.no) = found.no
