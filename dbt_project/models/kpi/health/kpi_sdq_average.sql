with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

children_in_care as (select * from {{ ref('int_children_in_care') }}),

sdq_scores as (select * from {{ ref('stg_ssd_sdq_scores') }}),

population as (
    select
        children_in_care.partition_key,
        children_in_care.month,
        children_in_care.as_at,
        children_in_care.person_id,
        sdq_scores.csdq_table_id,
        sdq_scores.csdq_sdq_score
    from sdq_scores
    inner join reporting_month on sdq_scores.partition_key = reporting_month.partition_key
    inner join children_in_care
        on
            sdq_scores.partition_key = children_in_care.partition_key
            and sdq_scores.csdq_person_id = children_in_care.person_id
    where
        sdq_scores.csdq_sdq_score is not null
        and sdq_scores.csdq_sdq_completed_date >= reporting_month.ytd_start
        and sdq_scores.csdq_sdq_completed_date <= reporting_month.as_at
        -- a return has scores only of children in care for at least 12 months
        and (
            reporting_month.source = 'extract'
            or children_in_care.period_start_date <= reporting_month.end_m_12
        )
),

final as (
    select
        partition_key,
        month,
        'sdq_average' as kpi_id,
        csdq_table_id as source_id,
        person_id,
        as_at as reference_date,
        true as in_numerator,
        cast(csdq_sdq_score as decimal(18, 4)) as measure,
        cast(null as decimal(18, 4)) as weight
    from population
)

select * from final
