with

timescales as (select * from {{ ref('int_mean_days_by_timescale') }}),

adopters as (select * from {{ ref('stg_local_adopters') }}),

final as (
    select
        authority,
        month,
        as_at,
        financial_year,
        measure,
        cohort,
        position,
        target_days,
        subjects as families,
        total_days,
        mean_days
    from timescales
    where journey = 'adopter' and authority in (select adopters.authority from adopters)
)

select * from final
