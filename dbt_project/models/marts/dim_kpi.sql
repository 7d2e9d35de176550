with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

kpi_catalogue as (select * from {{ ref('kpi_catalogue') }}),

kpi_definitions as (select * from {{ ref('kpi_definitions') }}),

kpi_explanations as (select * from {{ ref('kpi_explanations') }}),

kpi_sources as (select * from {{ ref('kpi_sources') }}),

without_source as (select * from {{ ref('int_kpis_without_source') }}),

reference_notes as (select * from {{ ref('int_reference_notes') }}),

editions as (select * from {{ ref('editions') }}),

scorecard_editions as (select * from {{ ref('scorecard_editions') }}),

labels as (select * from {{ ref('int_scorecard_labels') }}),

published as (select * from {{ ref('int_earlier_results') }}),

edition_spans as (
    select
        edition,
        valid_from,
        {{ add_days('lead(valid_from) over (order by valid_from)', -1) }} as valid_to
    from editions
),

printed as (
    select
        scorecard_editions.kpi_id,
        scorecard_editions.edition,
        scorecard_editions.position,
        edition_spans.valid_to,
        min(edition_spans.valid_from) over (partition by scorecard_editions.kpi_id) as valid_from,
        row_number() over (
            partition by scorecard_editions.kpi_id order by edition_spans.valid_from desc
        ) as edition_rank
    from scorecard_editions
    inner join edition_spans on scorecard_editions.edition = edition_spans.edition
),

final as (
    select
        reporting_month.authority,
        reporting_month.month,
        reporting_month.as_at,
        kpi_catalogue.kpi_id,
        coalesce(labels.label, kpi_catalogue.name) as name,
        kpi_catalogue.section,
        kpi_catalogue.pid_reference,
        kpi_catalogue.unit,
        kpi_catalogue.polarity,
        kpi_catalogue.subject,
        case
            when kpi_catalogue.exc_uasc_cohort = 'yes' then 'all, exc_uasc'
            else 'all'
        end as cohorts,
        printed.valid_from,
        printed.valid_to,
        kpi_definitions.definition,
        kpi_definitions.changed,
        kpi_definitions.choices,
        kpi_catalogue.basis,
        in_force.period,
        in_force.target,
        in_force.floor,
        in_force.floor_basis,
        kpi_explanations.lead_role,
        kpi_explanations.counts_when,
        kpi_explanations.counts_not_when,
        kpi_explanations.measure_means,
        published.previous_month,
        reporting_month.source,
        without_source.reason as no_source_reason,
        case
            when reporting_month.source = 'extract' or without_source.reason is not null then null
            when kpi_sources.figure = 'national'
                then 'The figure follows the national definition. ' || kpi_sources.difference
            else 'The figure follows the local definition. ' || kpi_sources.difference
        end as definition_note,
        reference_notes.reference_note,
        coalesce(reference_notes.reference_is_old, false) as reference_is_old
    from reporting_month
    cross join kpi_catalogue
    left join kpi_definitions on kpi_catalogue.kpi_id = kpi_definitions.kpi_id
    left join kpi_explanations on kpi_catalogue.kpi_id = kpi_explanations.kpi_id
    left join kpi_sources on kpi_catalogue.kpi_id = kpi_sources.kpi_id
    left join without_source
        on
            reporting_month.partition_key = without_source.partition_key
            and kpi_catalogue.kpi_id = without_source.kpi_id
            and without_source.cohort = 'all'
    left join reference_notes
        on
            reporting_month.partition_key = reference_notes.partition_key
            and kpi_catalogue.kpi_id = reference_notes.kpi_id
    left join scorecard_editions as in_force
        on
            kpi_catalogue.kpi_id = in_force.kpi_id
            and reporting_month.edition = in_force.edition
    left join published
        on
            reporting_month.partition_key = published.partition_key
            and kpi_catalogue.kpi_id = published.kpi_id
    left join printed on kpi_catalogue.kpi_id = printed.kpi_id and printed.edition_rank = 1
    left join labels
        on
            reporting_month.authority = labels.authority
            and printed.edition = labels.edition
            and printed.position = labels.position
)

select * from final
