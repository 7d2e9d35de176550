with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

figures as (select * from {{ ref('int_figures_rate') }}),

scorecard_editions as (select * from {{ ref('scorecard_editions') }}),

targeted as (
    select
        figures.*,
        reporting_month.as_at,
        reporting_month.publication_version,
        scorecard_editions.target,
        scorecard_editions.floor,
        coalesce(figures.denominator < reporting_month.rag_minimum, false) as is_under_minimum
    from figures
    inner join reporting_month on figures.authority = reporting_month.authority
    left join scorecard_editions
        on
            reporting_month.edition = scorecard_editions.edition
            and figures.kpi_id = scorecard_editions.kpi_id
    where figures.dimension = 'total'
),

final as (
    select
        authority,
        month,
        as_at,
        kpi_id,
        cohort,
        status,
        numerator,
        denominator,
        value,
        shown,
        case
            when target is null or shown is null or is_under_minimum then null
            when polarity = 'H' and shown >= target then 'G'
            when polarity = 'H' and shown >= floor then 'A'
            when polarity = 'L' and shown <= target then 'G'
            when polarity = 'L' and shown <= floor then 'A'
            when polarity in ('H', 'L') then 'R'
        end as rag,
        publication_version
    from targeted
)

select * from final
