-- The failing rows with their child, from the row itself or from the row it belongs to.
select
    f.gate,
    f.feed,
    f.table_name,
    f.rule_id,
    f.row_key,
    coalesce(f.person_id, p.person_id) as person_id,
    f.is_refused
from (
    select
        *,
        case table_name {{ cases }} end as parent
    from read_parquet($files, union_by_name = true)
) as f
left join person_of as p on f.parent = p.table_name and f.parent_key = p.id
order by f.rule_id, f.row_key
