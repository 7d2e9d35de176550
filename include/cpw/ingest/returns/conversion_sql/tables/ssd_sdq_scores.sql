select
    concat_ws('-', child, 'SDQ', year) as csdq_table_id,
    child as csdq_person_id,
    year_end as csdq_sdq_completed_date,
    sdq_score as csdq_sdq_score,
    sdq_reason as csdq_sdq_reason
from latest_oc2
inner join returns using (year)
where
    (sdq_score is not null or sdq_reason is not null)
    and year_end <= getvariable('as_at')
