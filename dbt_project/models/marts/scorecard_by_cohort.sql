with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

scorecard_editions as (select * from {{ ref('scorecard_editions') }}),

labels as (select * from {{ ref('int_scorecard_labels') }}),

kpi_catalogue as (select * from {{ ref('kpi_catalogue') }}),

results as (select * from {{ ref('kpi_result') }}),

-- a line of this page alone takes the place of another one
positions as (
    select
        reporting_month.authority,
        reporting_month.month,
        reporting_month.as_at,
        scorecard_editions.*,
        labels.label as filled_label,
        coalesce(replaced.position, scorecard_editions.position) as position_here
    from reporting_month
    inner join scorecard_editions on reporting_month.edition = scorecard_editions.edition
    inner join labels
        on
            reporting_month.authority = labels.authority
            and scorecard_editions.edition = labels.edition
            and scorecard_editions.position = labels.position
    left join scorecard_editions as replaced
        on
            scorecard_editions.edition = replaced.edition
            and scorecard_editions.in_place_of = replaced.kpi_id
    left join scorecard_editions as in_place
        on
            scorecard_editions.edition = in_place.edition
            and scorecard_editions.kpi_id = in_place.in_place_of
    where in_place.kpi_id is null
),

-- an indicator without UASC by its definition has the same figure on both sides
figures as (
    select
        positions.*,
        everybody.shown,
        everybody.rag,
        everybody.numerator,
        everybody.denominator,
        without_uasc.shown as exc_uasc_shown,
        without_uasc.rag as exc_uasc_rag,
        without_uasc.numerator as exc_uasc_numerator,
        without_uasc.denominator as exc_uasc_denominator,
        kpi_catalogue.unit,
        kpi_catalogue.polarity
    from positions
    inner join kpi_catalogue on positions.kpi_id = kpi_catalogue.kpi_id
    left join results as everybody
        on
            positions.authority = everybody.authority
            and positions.month = everybody.month
            and positions.kpi_id = everybody.kpi_id
            and everybody.cohort = 'all'
            and positions.note is null
    left join results as without_uasc
        on
            positions.authority = without_uasc.authority
            and positions.month = without_uasc.month
            and positions.kpi_id = without_uasc.kpi_id
            and positions.note is null
            and without_uasc.cohort = case
                when positions.kpi_id like '%exc_uasc' then 'all'
                else 'exc_uasc'
            end
),

final as (
    select
        authority,
        month,
        as_at,
        edition,
        position_here as position,
        section,
        kpi_id,
        filled_label as label,
        polarity,
        period,
        {{ result_text('shown', 'unit') }} as result,
        rag,
        numerator,
        denominator,
        target,
        {{ result_text('exc_uasc_shown', 'unit') }} as exc_uasc_result,
        exc_uasc_rag,
        exc_uasc_numerator,
        exc_uasc_denominator,
        cast(exc_uasc_shown - shown as decimal(18, 1)) as difference
    from figures
)

select * from final
