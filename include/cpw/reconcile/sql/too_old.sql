-- The children and tables of rows of the extracts that ended before the returns begin.
select distinct
    person_id,
    table_name
from held
where
    side = 'extract' and not is_known
    and id not in (
        select extract_id from same_row
        where extract_id is not null
    )
