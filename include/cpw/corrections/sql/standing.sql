-- The answers that count: those of the newest run that passed its gate, and of every run after it.
select
    rule,
    run
from answered
qualify run >= coalesce(max(run) filter (closes) over (partition by rule, month, page), 0)
