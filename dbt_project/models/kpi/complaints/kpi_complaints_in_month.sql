with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

complaints as (select * from {{ ref('stg_local_complaints') }}),

final as (
    select
        complaints.partition_key,
        complaints.month,
        'complaints_in_month' as kpi_id,
        complaints.complaint_id as source_id,
        complaints.person_id,
        reporting_month.as_at as reference_date,
        true as in_numerator,
        cast(null as decimal(18, 4)) as measure,
        cast(null as decimal(18, 4)) as weight
    from complaints
    inner join reporting_month on complaints.partition_key = reporting_month.partition_key
    where
        complaints.received_date >= reporting_month.month_start
        and complaints.received_date <= reporting_month.as_at
)

select * from final
