with

reviews as (select * from {{ ref('int_reviews_held') }}),

population as (
    select *
    from reviews
    where is_in_window and coalesce(participation_code, '') <> 'PN0'
),

final as (
    select
        partition_key,
        month,
        'participation_at_reviews' as kpi_id,
        review_id as source_id,
        person_id,
        review_date as reference_date,
        coalesce(participation_code in ('PN1', 'PN2', 'PN3', 'PN5', 'PN6'), false)
            as in_numerator,
        cast(null as decimal(18, 4)) as measure,
        cast(null as decimal(18, 4)) as weight
    from population
)

select * from final
