with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

figures as (select * from {{ ref('int_results_by_dimension') }}),

scorecard_editions as (select * from {{ ref('scorecard_editions') }}),

targeted as (
    select
        figures.*,
        reporting_month.authority,
        reporting_month.as_at,
        reporting_month.publication_version,
        scorecard_editions.target,
        scorecard_editions.floor,
        coalesce(figures.denominator < reporting_month.rag_minimum, false) as is_under_minimum
    from figures
    inner join reporting_month on figures.partition_key = reporting_month.partition_key
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
        {{ rag('shown', 'polarity', 'target', 'floor', 'is_under_minimum') }} as rag,
        publication_version
    from targeted
)

select * from final
