-- The rows of a source's table that both sources can hold, of the children who are asked about.
-- `columns` and `condition` call the table `own`.
select
    *,
    nextval('row_id') as _id
from (
    select {{ columns }}
    from {{ side }}.{{ table }} as own  -- noqa: AL05
    where {{ condition }} {{ newest }}
) as row_of_table
where _person in (select person_id from wanted)
