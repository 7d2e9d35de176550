with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

bounds as (select * from {{ ref('int_result_ranges') }}),

scorecard_editions as (select * from {{ ref('scorecard_editions') }}),

targeted as (
    select
        bounds.*,
        reporting_month.authority,
        reporting_month.as_at,
        reporting_month.rag_minimum,
        scorecard_editions.target,
        scorecard_editions.floor,
        coalesce(bounds.polarity = 'L', false) as is_low_best
    from bounds
    inner join reporting_month on bounds.partition_key = reporting_month.partition_key
    left join scorecard_editions
        on
            reporting_month.edition = scorecard_editions.edition
            and bounds.kpi_id = scorecard_editions.kpi_id
),

ordered as (
    select
        *,
        case when is_low_best then low else high end as best,
        case when is_low_best then high else low end as worst,
        coalesce(
            case when is_low_best then denominator_low else denominator_high end < rag_minimum,
            false
        ) as is_best_under_minimum,
        coalesce(
            case when is_low_best then denominator_high else denominator_low end < rag_minimum,
            false
        ) as is_worst_under_minimum
    from targeted
),

final as (
    select
        authority,
        month,
        as_at,
        kpi_id,
        cohort,
        cast(subjects as integer) as subjects,
        cast(subjects_with_failures as integer) as subjects_with_failures,
        cast(subjects_refused as integer) as subjects_refused,
        cast(failures as integer) as failures,
        cast(rules as integer) as rules,
        shown,
        best,
        worst,
        {{ rag('best', 'polarity', 'target', 'floor', 'is_best_under_minimum') }} as best_rag,
        {{ rag('worst', 'polarity', 'target', 'floor', 'is_worst_under_minimum') }} as worst_rag
    from ordered
)

select * from final
