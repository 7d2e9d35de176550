with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

children_in_care as (select * from {{ ref('int_children_in_care') }}),

exclusions as (select * from {{ ref('stg_local_exclusions') }}),

excluded as (
    select distinct
        exclusions.partition_key,
        exclusions.person_id
    from exclusions
    inner join reporting_month on exclusions.partition_key = reporting_month.partition_key
    where
        exclusions.exclusion_type = 'PERMANENT'
        and exclusions.exclusion_date >= reporting_month.ac_ytd_start
        and exclusions.exclusion_date <= reporting_month.as_at
),

final as (
    select
        children_in_care.partition_key,
        children_in_care.month,
        'permanent_exclusions_acytd' as kpi_id,
        children_in_care.person_id as source_id,
        children_in_care.person_id,
        children_in_care.as_at as reference_date,
        true as in_numerator,
        cast(null as decimal(18, 4)) as measure,
        cast(null as decimal(18, 4)) as weight
    from children_in_care
    inner join excluded
        on
            children_in_care.partition_key = excluded.partition_key
            and children_in_care.person_id = excluded.person_id
)

select * from final
