-- The rows that break a rule, and are neither refused for it yet nor released from it.
select
    table_name,
    source_row,
    rule_id
from failed as f
where
    rule_id = $rule_id
    and not exists (
        select 1 from refused as r
        where r.rule_id = f.rule_id and r.source_row = f.source_row
    )
    and not exists (
        select 1 from released as l
        where l.rule_id = f.rule_id and l.source_row = f.source_row
    )
