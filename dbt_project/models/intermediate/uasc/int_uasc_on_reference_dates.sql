with

reference_dates as (select * from {{ ref('int_reference_dates') }}),

uasc_statuses as (select * from {{ ref('int_uasc_statuses') }}),

started as (
    select
        reference_dates.*,
        coalesce(uasc_statuses.end_date >= reference_dates.reference_date, true) as is_in_force
    from reference_dates
    inner join uasc_statuses
        on
            reference_dates.partition_key = uasc_statuses.partition_key
            and reference_dates.person_id = uasc_statuses.person_id
            and reference_dates.reference_date >= uasc_statuses.start_date
),

final as (
    select
        partition_key,
        person_id,
        reference_date,
        max(case when is_in_force then 1 else 0 end) = 1 as is_uasc
    from started
    group by partition_key, person_id, reference_date
)

select * from final
