-- The cause of each difference that comes first, and how many others the child's rows have.
select
    no,
    cause,
    rule_id,
    table_name,
    column_name,
    extract_value,
    ssda903_value,
    cast(
        count(*) filter (position between 20 and 29) over (partition by no)
        - cast(position between 20 and 29 as integer) as integer
    ) as further
from candidate
qualify row_number() over (
    partition by no order by
        position // 10 asc, readers asc, position asc, day desc nulls last,
        table_name asc, column_name asc, rule_id asc
) = 1
