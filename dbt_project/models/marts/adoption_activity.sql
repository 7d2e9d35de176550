with

activity as (select * from {{ ref('int_adoption_activity_count') }}),

final as (
    select
        authority,
        month,
        as_at,
        financial_year,
        measure,
        position,
        subjects as children
    from activity
    where journey = 'child'
)

select * from final
