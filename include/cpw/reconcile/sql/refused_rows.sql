-- The differences of children of whom one source alone has a row in quarantine.
select distinct
    no,
    10 as position,
    $refused as cause,
    refusal.rule_id,
    refusal.table_name,
    reads.readers
from differing
inner join refusal on differing.person_id = refusal.person_id and refusal.side = $side
inner join reads
    on
        differing.kpi_id = reads.kpi_id and differing.cohort = reads.cohort
        and refusal.table_name = reads.table_name and reads.column_name is null
where (refusal.table_name, refusal.person_id) not in (
    select (other.table_name, other.person_id) from refusal as other
    where other.side = $other_side
)
