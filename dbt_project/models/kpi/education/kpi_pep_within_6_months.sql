with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

children as (select * from {{ ref('int_education_at_month_end') }}),

plans as (select * from {{ ref('stg_local_personal_education_plans') }}),

recent as (
    select distinct
        plans.partition_key,
        plans.person_id
    from plans
    inner join reporting_month on plans.partition_key = reporting_month.partition_key
    where
        plans.pep_date > reporting_month.end_m_6
        and plans.pep_date <= reporting_month.as_at
),

final as (
    select
        children.partition_key,
        children.month,
        'pep_within_6_months' as kpi_id,
        children.person_id as source_id,
        children.person_id,
        children.as_at as reference_date,
        recent.person_id is not null as in_numerator,
        cast(null as decimal(18, 4)) as measure,
        cast(null as decimal(18, 4)) as weight
    from children
    left join recent
        on children.partition_key = recent.partition_key and children.person_id = recent.person_id
    where children.education_status = 'FTE'
)

select * from final
