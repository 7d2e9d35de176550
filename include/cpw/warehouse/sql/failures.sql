-- The failing rows with their child, from the row itself or from the row it belongs to.
select
    f.gate,
    f.feed,
    f.table_name,
    f.rule_id,
    f.row_key,
    coalesce(f.person_id, p.person_id) as person_id,
    f.group_key,
    f.is_refused
from (
    select
        *,
        case table_name {{ cases }} end as parent
    from (
        from read_parquet($files, union_by_name = true)
        union all by name
        select null::varchar as group_key
        where false -- an earlier release did not write it
    ) as failing
) as f
left join person_of as p on f.parent = p.table_name and f.parent_key = p.id
order by f.rule_id, f.row_key
