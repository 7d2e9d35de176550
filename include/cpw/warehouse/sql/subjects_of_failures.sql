-- The children, records and subjects of the rows that break a rule.
select
    'child' as subject_type,
    person_id as source_id
from read_parquet('{{ file }}')
where person_id is not null
union
select
    'record' as subject_type,
    table_name || ':' || row_key as source_id
from read_parquet('{{ file }}')
where row_key is not null
union
select
    subject,
    row_key
from (
    select
        row_key,
        case table_name {{ cases }} end as subject
    from read_parquet('{{ file }}')
) as failure
where subject is not null and row_key is not null
