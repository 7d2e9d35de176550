-- The rows that would go to quarantine, by table and rule.
select
    table_name,
    rule_id,
    any_value(reason) as description,
    any_value(remedy) as remedy,
    count(*) as rows_refused,
    min(source_row) as first_row
from read_parquet($files, union_by_name = true)
where is_refused
group by table_name, rule_id
order by table_name asc, rows_refused desc, rule_id asc
