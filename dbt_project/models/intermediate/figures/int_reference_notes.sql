with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

populations as (select * from {{ ref('int_populations_under_18') }}),

external_figures as (select * from {{ ref('int_external_figures') }}),

kpi_catalogue as (select * from {{ ref('kpi_catalogue') }}),

scorecard_editions as (select * from {{ ref('scorecard_editions') }}),

rates as (
    select
        reporting_month.partition_key,
        kpi_catalogue.kpi_id,
        'Population under 18 in force since ' || cast(populations.valid_from as string) as what,
        reporting_month.as_at > {{ add_months('populations.valid_from', 24) }} as is_old
    from reporting_month
    inner join populations on reporting_month.partition_key = populations.partition_key
    inner join kpi_catalogue on kpi_catalogue.unit = 'rate_per_10000'
),

-- of those that the edition in force prints
published_statistics as (
    select
        reporting_month.partition_key,
        external_figures.kpi_id,
        'Published figure of ' || external_figures.year as what,
        reporting_month.as_at
        > {{ add_months("cast(external_figures.year || '-12-31' as date)", 24) }} as is_old
    from reporting_month
    inner join external_figures on reporting_month.partition_key = external_figures.partition_key
    inner join scorecard_editions
        on
            reporting_month.edition = scorecard_editions.edition
            and external_figures.kpi_id = scorecard_editions.kpi_id
),

-- an edition's targets and national figures hold until the next; they are named once they are old
printed as (
    select
        reporting_month.partition_key,
        scorecard_editions.kpi_id,
        'Target and national figure printed in ' || scorecard_editions.edition as what,
        true as is_old
    from reporting_month
    inner join scorecard_editions on reporting_month.edition = scorecard_editions.edition
    where
        scorecard_editions.target is not null
        and reporting_month.as_at
        > {{ add_months("cast(scorecard_editions.edition || '-01' as date)", 25) }}
),

notes as (
    select * from rates
    union distinct
    select * from published_statistics
    union distinct
    select * from printed
),

final as (
    select
        partition_key,
        kpi_id,
        {{ join_texts("what || case when is_old then ' (over two years old)' else '' end") }}
        || '.' as reference_note,
        max(case when is_old then 1 else 0 end) = 1 as reference_is_old
    from notes
    group by partition_key, kpi_id
)

select * from final
