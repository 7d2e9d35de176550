with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

care_leavers as (select * from {{ ref('stg_ssd_care_leavers') }}),

final as (
    select
        care_leavers.partition_key,
        care_leavers.month,
        'care_leavers_staying_put' as kpi_id,
        care_leavers.clea_table_id as source_id,
        care_leavers.clea_person_id as person_id,
        reporting_month.as_at as reference_date,
        coalesce(care_leavers.clea_care_leaver_accommodation = 'Z', false) as in_numerator,
        cast(null as decimal(18, 4)) as measure,
        cast(null as decimal(18, 4)) as weight
    from care_leavers
    inner join reporting_month on care_leavers.partition_key = reporting_month.partition_key
    where care_leavers.clea_care_leaver_eligibility in ('Relevant', 'Former Relevant')
)

select * from final
