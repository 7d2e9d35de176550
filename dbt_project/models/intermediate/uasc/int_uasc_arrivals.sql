with

periods as (select * from {{ ref('int_periods_of_care') }}),

uasc_statuses as (select * from {{ ref('int_uasc_statuses') }}),

final as (
    select
        periods.partition_key,
        periods.person_id,
        min(periods.start_date) as arrival_date
    from periods
    inner join uasc_statuses
        on
            periods.partition_key = uasc_statuses.partition_key
            and periods.person_id = uasc_statuses.person_id
            and periods.is_start_known
            and periods.start_date >= uasc_statuses.start_date
            and (uasc_statuses.end_date is null or periods.start_date <= uasc_statuses.end_date)
    group by periods.partition_key, periods.person_id
)

select * from final
