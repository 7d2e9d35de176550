with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

periods as (select * from {{ ref('int_periods_of_care') }}),

children_in_care as (select * from {{ ref('int_children_in_care') }}),

known_before as (select * from {{ ref('int_figures_of_earlier_months') }}),

earlier as (
    select
        partition_key,
        as_at,
        numerator,
        row_number() over (partition by partition_key order by month desc) as month_rank
    from known_before
    where kpi_id = 'number_of_cic' and cohort = 'all'
),

between_days as (
    select
        reporting_month.partition_key,
        reporting_month.authority,
        reporting_month.month,
        reporting_month.as_at,
        coalesce(earlier.as_at, {{ add_days('reporting_month.month_start', -1) }}) as since,
        earlier.numerator as children_published
    from reporting_month
    left join earlier
        on reporting_month.partition_key = earlier.partition_key and earlier.month_rank = 1
),

moved as (
    select
        between_days.partition_key,
        count(
            distinct case
                when {{ in_force('periods.start_date', 'periods.end_date', 'between_days.since') }}
                    then periods.person_id
                -- in care on that day too: the period began before the first day that is known
                when
                    not periods.is_start_known
                    and periods.start_date > between_days.since
                    and periods.start_date <= between_days.as_at
                    then periods.person_id
            end
        ) as children_before,
        sum(
            case
                when
                    periods.is_start_known
                    and periods.start_date > between_days.since
                    and periods.start_date <= between_days.as_at
                    then 1
                else 0
            end
        ) as entered,
        sum(
            case
                when
                    periods.end_date > between_days.since
                    and periods.end_date <= between_days.as_at
                    then 1
                else 0
            end
        ) as exited
    from between_days
    inner join periods on between_days.partition_key = periods.partition_key
    group by between_days.partition_key
),

present as (
    select
        partition_key,
        count(*) as children
    from children_in_care
    group by partition_key
),

final as (
    select
        between_days.authority,
        between_days.month,
        between_days.as_at,
        between_days.since,
        cast(coalesce(moved.children_before, 0) as integer) as children_before,
        cast(coalesce(moved.entered, 0) as integer) as entered,
        cast(coalesce(moved.exited, 0) as integer) as exited,
        cast(coalesce(present.children, 0) as integer) as children_after,
        cast(between_days.children_published as integer) as children_published
    from between_days
    left join moved on between_days.partition_key = moved.partition_key
    left join present on between_days.partition_key = present.partition_key
)

select * from final
