with

activity as (select * from {{ ref('int_adoption_step_counts') }}),

adopters as (select * from {{ ref('stg_local_adopters') }}),

final as (
    select
        authority,
        month,
        as_at,
        financial_year,
        measure,
        position,
        subjects as families
    from activity
    where journey = 'adopter' and authority in (select adopters.authority from adopters)
)

select * from final
