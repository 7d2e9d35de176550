with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

populations as (select * from {{ ref('populations') }}),

in_force as (
    select
        populations.*,
        row_number() over (
            partition by populations.partition_key order by populations.valid_from desc
        ) as population_rank
    from reporting_month
    inner join populations
        on
            reporting_month.partition_key = populations.partition_key
            and reporting_month.as_at >= populations.valid_from
),

final as (
    select
        partition_key,
        valid_from,
        cast(population as decimal(18, 4)) as population,
        source
    from in_force
    where population_rank = 1
)

select * from final
