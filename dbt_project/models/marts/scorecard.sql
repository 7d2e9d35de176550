with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

scorecard_editions as (select * from {{ ref('scorecard_editions') }}),

labels as (select * from {{ ref('int_scorecard_labels') }}),

kpi_catalogue as (select * from {{ ref('kpi_catalogue') }}),

results as (select * from {{ ref('kpi_result') }}),

without_source as (select * from {{ ref('int_kpis_without_source') }}),

published as (select * from {{ ref('int_earlier_results') }}),

positions as (
    select
        reporting_month.partition_key,
        reporting_month.authority,
        reporting_month.month,
        reporting_month.as_at,
        scorecard_editions.*,
        coalesce(scorecard_editions.note, 'No source: ' || without_source.reason) as shown_note,
        labels.label as filled_label,
        kpi_catalogue.unit,
        kpi_catalogue.polarity
    from reporting_month
    inner join scorecard_editions on reporting_month.edition = scorecard_editions.edition
    inner join labels
        on
            reporting_month.authority = labels.authority
            and scorecard_editions.edition = labels.edition
            and scorecard_editions.position = labels.position
    inner join kpi_catalogue on scorecard_editions.kpi_id = kpi_catalogue.kpi_id
    left join without_source
        on
            reporting_month.partition_key = without_source.partition_key
            and scorecard_editions.kpi_id = without_source.kpi_id
            and without_source.cohort = 'all'
    where scorecard_editions.in_place_of is null
),

-- where the edition prints a note, it prints no figures
figures as (
    select
        positions.*,
        results.shown,
        results.rag,
        results.numerator,
        results.denominator,
        published.previous_shown,
        published.previous_rag,
        published.outturn_shown,
        published.outturn_rag,
        case when results.kpi_id is not null then positions.figure_text end
            as result_without_figure,
        case when published.has_previous then positions.figure_text end
            as previous_without_figure,
        case when published.has_outturn then positions.figure_text end as outturn_without_figure
    from positions
    left join results
        on
            positions.authority = results.authority
            and positions.month = results.month
            and positions.kpi_id = results.kpi_id
            and results.cohort = 'all'
            and positions.shown_note is null
    left join published
        on
            positions.partition_key = published.partition_key
            and positions.kpi_id = published.kpi_id
            and positions.shown_note is null
),

final as (
    select
        authority,
        month,
        as_at,
        edition,
        position,
        section,
        kpi_id,
        filled_label as label,
        polarity,
        period,
        coalesce({{ result_text('shown', 'unit') }}, result_without_figure) as result,
        rag,
        numerator,
        denominator,
        target,
        coalesce({{ result_text('previous_shown', 'unit') }}, previous_without_figure)
            as previous_result,
        previous_rag,
        case
            when shown is null or previous_shown is null then null
            when polarity is null or polarity not in ('H', 'L') then null
            when shown = previous_shown then 'same'
            when (shown > previous_shown) = (polarity = 'H') then 'improved'
            else 'worsened'
        end as direction,
        coalesce({{ result_text('outturn_shown', 'unit') }}, outturn_without_figure)
            as outturn_result,
        outturn_rag,
        national_result,
        national_basis,
        shown_note as note
    from figures
)

select * from final
