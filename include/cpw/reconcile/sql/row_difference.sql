-- How the rows of the two sources differ: a line a column, or a line a row that one source lacks.
select
    own.person_id,
    own.table_name,
    told.column_name,
    case
        when told.is_start and here.value < $known_since and here.value < there.value
            then 'history'
        else told.kind
    end as kind,
    here.value as extract_value,
    there.value as ssda903_value,
    greatest(own.day, other.day) as day
from same_row
inner join held as own on same_row.extract_id = own.id
inner join held as other on same_row.ssda903_id = other.id
inner join told on own.table_name = told.table_name
inner join cell as here on own.id = here.id and told.column_name = here.column_name
inner join cell as there on other.id = there.id and told.column_name = there.column_name
where here.value is distinct from there.value
union all
select
    coalesce(own.person_id, other.person_id) as person_id,
    coalesce(own.table_name, other.table_name) as table_name,
    null as column_name,
    'row' as kind,
    coalesce(cast(own.day as varchar), own.about) as extract_value,
    coalesce(cast(other.day as varchar), other.about) as ssda903_value,
    coalesce(own.day, other.day) as day
from same_row
left join held as own on same_row.extract_id = own.id
left join held as other on same_row.ssda903_id = other.id
where same_row.extract_id is null or same_row.ssda903_id is null
