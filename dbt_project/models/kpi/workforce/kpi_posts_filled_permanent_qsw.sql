with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

establishment as (select * from {{ ref('stg_local_establishment') }}),

posts as (
    select
        establishment.*,
        reporting_month.as_at,
        case
            when establishment.qualified = 'Y' and establishment.permanent = 'Y'
                then establishment.filled_fte
            else 0
        end as filled_permanent_fte
    from establishment
    inner join reporting_month on establishment.partition_key = reporting_month.partition_key
    where
        case
            when reporting_month.cic_team_posts_only
                then establishment.team_type in ('CIC_DISTRICT', 'CIC_DISABILITY', 'CIC_UASC')
            else establishment.team_type <> 'IRO'
        end
),

final as (
    select
        partition_key,
        month,
        'posts_filled_permanent_qsw' as kpi_id,
        post_id as source_id,
        cast(null as string) as person_id,
        as_at as reference_date,
        filled_permanent_fte > 0 as in_numerator,
        cast(filled_permanent_fte as decimal(18, 4)) as measure,
        cast(established_fte as decimal(18, 4)) as weight
    from posts
)

select * from final
