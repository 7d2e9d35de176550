-- The causes that hold where no row differs: the return's reach, the definition, or none known.
select distinct
    no,
    30 as position,
    'history' as cause,
    too_old.table_name,
    reads.readers
from differing
inner join too_old on differing.person_id = too_old.person_id
inner join reads
    on
        differing.kpi_id = reads.kpi_id and differing.cohort = reads.cohort
        and too_old.table_name = reads.table_name and reads.column_name is null
union all
select
    no,
    40 as position,
    'definition' as cause,
    null as table_name,
    0 as readers
from differing
where list_contains($national, kpi_id)
union all
select
    no,
    50 as position,
    $not_explained as cause,
    null as table_name,
    0 as readers
from differing
