with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

ola_placements as (select * from {{ ref('stg_local_ola_placements') }}),

final as (
    select
        reporting_month.partition_key,
        reporting_month.month,
        'ola_cic_placed_in_area' as kpi_id,
        ola_placements.ola_placement_id as source_id,
        cast(null as string) as person_id,
        reporting_month.as_at as reference_date,
        true as in_numerator,
        cast(null as decimal(18, 4)) as measure,
        cast(null as decimal(18, 4)) as weight
    from ola_placements
    inner join reporting_month on ola_placements.partition_key = reporting_month.partition_key
    where
        {{ in_force(
            'ola_placements.start_date', 'ola_placements.end_date', 'reporting_month.as_at'
        ) }}
)

select * from final
