with

editions as (select * from {{ ref('scorecard_editions') }}),

authorities as (select * from {{ ref('authorities') }}),

authority_neighbours as (select * from {{ ref('authority_neighbours') }}),

neighbours as (
    select
        authority_neighbours.authority,
        {{ join_texts('coalesce(others.name, authority_neighbours.neighbour_ons_code)') }} as names
    from authority_neighbours
    left join authorities as others on authority_neighbours.neighbour_ons_code = others.ons_code
    group by authority_neighbours.authority
),

final as (
    select
        authorities.authority,
        editions.edition,
        editions.position,
        editions.kpi_id,
        replace(
            replace(
                replace(editions.label, '{name}', authorities.name),
                '{short_name}', authorities.short_name
            ),
            '{neighbours}', coalesce(neighbours.names, 'neighbours')
        ) as label
    from editions
    cross join authorities
    left join neighbours on authorities.authority = neighbours.authority
)

select * from final
