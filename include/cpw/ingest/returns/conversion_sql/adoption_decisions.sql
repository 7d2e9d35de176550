-- Decisions that a child should be placed for adoption, each in the period of care of that day.
select
    decisions.child,
    periods.cla_id,
    decisions.date_placed as decision_date,
    decisions.date_placed_ceased as reversed_date,
    decisions.reason_placed_ceased as reversed_reason
from latest_placed_for_adoption as decisions
left join periods
    on
        decisions.child = periods.child
        and decisions.date_placed >= periods.reaches_back_to
        and decisions.date_placed <= coalesce(periods.end_date, date 'infinity')
where decisions.date_placed <= getvariable('as_at')
qualify
    row_number() over (
        partition by decisions.child, decisions.date_placed
        order by
            decisions.date_placed_ceased is not distinct from decisions.date_placed,
            periods.start_date desc
    ) = 1
