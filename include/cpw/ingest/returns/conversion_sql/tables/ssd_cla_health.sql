-- Facts of the year of the return, dated on its last day: what the return says is that the check
-- was in date then.
with

checks as (
    select
        child,
        year,
        'Health Assessment' as check_type,
        health_assessment as flag
    from latest_oc2
    union all
    select
        child,
        year,
        'Dental Check' as check_type,
        teeth_check as flag
    from latest_oc2
    union all
    select
        child,
        year,
        'Immunisation Check' as check_type,
        immunisations as flag
    from latest_oc2
)

select
    concat_ws('-', child, left(check_type, 1), year) as clah_health_check_id,
    child as clah_person_id,
    check_type as clah_health_check_type,
    year_end as clah_health_check_date,
    'Completed' as clah_health_check_status
from checks
inner join returns using (year)
where flag = '1' and year_end <= getvariable('as_at')
