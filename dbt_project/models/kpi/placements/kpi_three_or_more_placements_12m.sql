with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

population as (select * from {{ ref('int_children_in_care') }}),

placements as (select * from {{ ref('int_placements') }}),

numerator as (
    select
        placements.partition_key,
        placements.person_id
    from placements
    inner join reporting_month on placements.partition_key = reporting_month.partition_key
    where
        not placements.is_temporary
        and placements.start_date <= reporting_month.as_at
        and (placements.end_date is null or placements.end_date > reporting_month.end_m_12)
    group by placements.partition_key, placements.person_id
    having count(*) >= 3
),

final as (
    select
        population.partition_key,
        population.month,
        'three_or_more_placements_12m' as kpi_id,
        population.person_id as source_id,
        population.person_id,
        population.as_at as reference_date,
        numerator.person_id is not null as in_numerator,
        cast(null as decimal(18, 4)) as measure,
        cast(null as decimal(18, 4)) as weight
    from population
    left join numerator
        on
            population.partition_key = numerator.partition_key
            and population.person_id = numerator.person_id
)

select * from final
