-- The differences of children whose rows differ in what the indicator reads. 999 is more than any
-- number of readers: who a child is decides least over whether an indicator asks about the child.
select
    no,
    case kind
        when 'row' then 20 when 'dates' then 21 when 'codes' then 22 when 'values' then 23
        when 'history' then 30
    end as position,
    case
        when kind = 'history' then kind
        when kind <> 'row' then kind || '_differ'
        when ssda903_value is null then 'row_missing_in_return'
        else 'row_missing_in_extract'
    end as cause,
    own.table_name,
    own.column_name,
    extract_value,
    ssda903_value,
    case
        when own.table_name = 'ssd_person' and differing.in_source <> 'both' then 999
        else reads.readers
    end as readers,
    day
from differing
inner join row_difference as own on differing.person_id = own.person_id
inner join reads
    on
        differing.kpi_id = reads.kpi_id and differing.cohort = reads.cohort
        and own.table_name = reads.table_name
        and own.column_name is not distinct from reads.column_name
