with

kpis as (select * from {{ ref('int_kpi_subject_sources') }}),

figures as (select * from {{ ref('int_results_by_dimension') }}),

sums as (select * from {{ ref('int_numerator_ranges') }}),

counts as (select * from {{ ref('int_kpi_failure_counts') }}),

summed as (
    select
        kpis.*,
        figures.shown,
        figures.denominator,
        sums.subjects,
        sums.subjects_with_failures,
        sums.subjects_refused,
        coalesce(counts.failures, 0) as failures,
        coalesce(counts.rules, 0) as rules,
        figures.numerator - coalesce(sums.numerator_fall, 0) as numerator_low,
        figures.numerator + coalesce(sums.numerator_rise, 0) as numerator_high,
        coalesce(sums.subjects_refused, 0) as further,
        case when sums.kpi_id is not null then sums.least_part else 0 end as least_part,
        case when sums.kpi_id is not null then sums.most_part else 0 end as most_part,
        kpis.has_subjects and kpis.unit <> 'count' as is_ratio,
        figures.status = 'computed' and (sums.kpi_id is not null or counts.kpi_id is null)
            as is_bounded
    from kpis
    inner join figures
        on
            kpis.partition_key = figures.partition_key
            and kpis.kpi_id = figures.kpi_id
            and kpis.cohort = figures.cohort
            and figures.dimension = 'total'
    left join sums
        on
            kpis.partition_key = sums.partition_key
            and kpis.kpi_id = sums.kpi_id
            and kpis.cohort = sums.cohort
            and (figures.status <> 'no_source' or not kpis.has_subjects)
    left join counts
        on
            kpis.partition_key = counts.partition_key
            and kpis.kpi_id = counts.kpi_id
            and kpis.cohort = counts.cohort
),

-- further subjects are added to a ratio only where they make it more extreme
joined as (
    select
        *,
        case
            when is_ratio and denominator > 0 and least_part * denominator >= numerator_low then 0
            else further
        end as further_low,
        case
            when is_ratio and denominator > 0 and most_part * denominator <= numerator_high then 0
            else further
        end as further_high
    from summed
),

divided as (
    select
        *,
        numerator_low + further_low * least_part as dividend_low,
        numerator_high + further_high * most_part as dividend_high,
        denominator + case when is_ratio then further_low else 0 end as denominator_low,
        denominator + case when is_ratio then further_high else 0 end as denominator_high,
        case when is_bounded then multiplier end as bounded_multiplier
    from joined
),

final as (
    select
        partition_key,
        month,
        kpi_id,
        cohort,
        polarity,
        subjects,
        subjects_with_failures,
        subjects_refused,
        failures,
        rules,
        shown,
        {{ round_ratio('dividend_low', 'bounded_multiplier', 'coalesce(denominator_low, 1)', 1) }}
            as low,
        {{ round_ratio('dividend_high', 'bounded_multiplier', 'coalesce(denominator_high, 1)', 1) }}
            as high,
        denominator_low,
        denominator_high
    from divided
)

select * from final
