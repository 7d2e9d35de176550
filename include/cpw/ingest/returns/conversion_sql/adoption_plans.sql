-- A row for each decision of a period of care that has any step towards adoption, with the days it
-- answers for: a step belongs to the last decision before it, or to the first of the period.
with

concerned as (
    select cla_id from adoption_decisions
    where cla_id is not null
    union
    select cla_id from adoptions
    where cla_id is not null
    union
    select cla_id from adoption_steps
),

decided as (
    select
        concerned.cla_id,
        coalesce(
            adoption_decisions.decision_date,
            case when adoptions.date_int <= getvariable('as_at') then adoptions.date_int end
        ) as decision_date,
        adoption_decisions.reversed_date,
        adoption_decisions.reversed_reason
    from concerned
    left join adoption_decisions using (cla_id)
    left join adoptions using (cla_id)
)

select
    *,
    case
        when row_number() over plans = 1 then date '-infinity' else decision_date
    end as answers_from,
    coalesce(lead(decision_date) over plans, date 'infinity') as answers_until
from decided
window plans as (partition by cla_id order by decision_date)
