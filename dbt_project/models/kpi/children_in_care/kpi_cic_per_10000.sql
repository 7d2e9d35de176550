with

children as (select * from {{ ref('int_children_in_care_by_cohort') }}),

populations as (select * from {{ ref('int_populations_under_18') }}),

final as (
    select
        children.partition_key,
        children.month,
        'cic_per_10000' as kpi_id,
        children.cohort,
        children.children as numerator,
        populations.population as denominator,
        cast(null as decimal(18, 6)) as value
    from children
    inner join populations on children.partition_key = populations.partition_key
)

select * from final
