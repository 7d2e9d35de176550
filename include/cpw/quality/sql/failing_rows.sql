-- The rows of a table that break its rules, with their cells.
with refusal as (
    select distinct
        rule_id,
        source_row
    from refused
)

select
    f.rule_id,
    f.table_name,
    f.source_row,
    {{ columns }},
    case when r.source_row is not null then cast(to_json(t) as varchar) end as row_content,
    r.source_row is not null as is_refused
from failed as f
inner join read_parquet($file) as t using (source_row)
left join refusal as r on f.rule_id = r.rule_id and f.source_row = r.source_row
where f.table_name = $table
