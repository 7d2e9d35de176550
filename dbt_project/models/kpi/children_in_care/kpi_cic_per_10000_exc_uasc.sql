with

cic_per_10000 as (select * from {{ ref('kpi_cic_per_10000') }}),

final as (
    select
        partition_key,
        month,
        'cic_per_10000_exc_uasc' as kpi_id,
        'all' as cohort,
        numerator,
        denominator,
        value
    from cic_per_10000
    where cohort = 'exc_uasc'
)

select * from final
