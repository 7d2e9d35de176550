with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

children_in_care as (select * from {{ ref('int_children_in_care') }}),

sources_held as (select * from {{ ref('int_month_source') }}),

populations as (select * from {{ ref('int_populations_under_18') }}),

uasc_thresholds as (select * from {{ ref('uasc_thresholds') }}),

uasc as (
    select
        partition_key,
        sum(case when is_uasc then 1 else 0 end) as children
    from children_in_care
    group by partition_key
),

threshold_in_force as (
    select
        reporting_month.partition_key,
        uasc_thresholds.percent_of_children,
        row_number() over (
            partition by reporting_month.partition_key order by uasc_thresholds.valid_from desc
        ) as threshold_rank
    from reporting_month
    inner join uasc_thresholds on reporting_month.as_at >= uasc_thresholds.valid_from
),

compared as (
    select
        reporting_month.authority,
        reporting_month.month,
        reporting_month.as_at,
        coalesce(uasc.children, 0) as uasc_in_care,
        populations.population,
        threshold_in_force.percent_of_children as threshold_percent,
        cast(
            round(populations.population * threshold_in_force.percent_of_children * 0.01, 0)
            as integer
        ) as threshold_children
    from reporting_month
    inner join sources_held
        on reporting_month.partition_key = sources_held.partition_key and sources_held.knows_uasc
    inner join populations on reporting_month.partition_key = populations.partition_key
    inner join threshold_in_force
        on
            reporting_month.partition_key = threshold_in_force.partition_key
            and threshold_in_force.threshold_rank = 1
    left join uasc on reporting_month.partition_key = uasc.partition_key
),

final as (
    select
        authority,
        month,
        as_at,
        cast(uasc_in_care as integer) as uasc_in_care,
        cast(population as integer) as population,
        cast(threshold_percent as decimal(18, 4)) as threshold_percent,
        threshold_children,
        cast(uasc_in_care - threshold_children as integer) as over_threshold
    from compared
)

select * from final
