with

timescales as (select * from {{ ref('int_adoption_timescales_measure') }}),

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
        subjects as children,
        total_days,
        mean_days
    from timescales
    where journey = 'child'
)

select * from final
