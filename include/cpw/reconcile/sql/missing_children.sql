-- The differences of children whom one source alone has, and why the other lacks them.
with absent as (
    select
        no,
        person_id
    from differing
    where
        person_id not in (
            select pers_person_id from {{ here }}.ssd_person
            where pers_person_id is not null
        )
        and person_id in (select pers_person_id from {{ there }}.ssd_person)
)

select
    absent.no,
    0 as position,
    $refused as cause,
    refusal.rule_id,
    refusal.table_name,
    0 as readers
from absent
inner join refusal on absent.person_id = refusal.person_id and refusal.side = $side
union all
select
    no,
    2 as position,
    case
        when $side = 'ssda903' and person_id in (select person_id from old) then 'history'
        else $missing
    end as cause,
    null as rule_id,
    null as table_name,
    0 as readers
from absent
