-- The outcome at the birthday in the year of the return. Who was born on 29 February has it on
-- 1 March of a common year.
with

birthdays as (
    select
        latest_oc3.* exclude (dob),
        latest_header.dob,
        latest_header.dob + to_years(
            (
                latest_oc3.year
                - case when month(latest_header.dob) >= 4 then 1 else 0 end
                - year(latest_header.dob)
            )::integer
        ) as anniversary
    from latest_oc3
    inner join latest_header using (child)
),

dated as (
    select
        *,
        anniversary::date + case when day(anniversary) < day(dob) then 1 else 0 end as birthday
    from birthdays
)

select
    concat_ws('-', child, 'B', year) as outcome_id,
    child as person_id,
    birthday as birthday_date,
    in_touch,
    substring(accom, 1, 1) as accommodation,
    case when substring(accom, 2, 1) in ('1', '2') then substring(accom, 2, 1) end
        as accommodation_suitable,
    activ as activity
from dated
where birthday <= getvariable('as_at')
