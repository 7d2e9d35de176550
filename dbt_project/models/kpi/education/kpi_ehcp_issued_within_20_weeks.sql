with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

periods as (select * from {{ ref('int_periods_of_care') }}),

requests as (select * from {{ ref('stg_local_ehcp_requests') }}),

population as (
    select requests.*
    from requests
    inner join reporting_month on requests.partition_key = reporting_month.partition_key
    where
        requests.plan_issued_date >= reporting_month.ac_ytd_start
        and requests.plan_issued_date <= reporting_month.as_at
        and exists (
            select 1
            from periods
            where
                periods.partition_key = requests.partition_key
                and periods.person_id = requests.person_id
                and {{ in_force(
                    'periods.start_date', 'periods.end_date', 'requests.request_date'
                ) }}
        )
),

final as (
    select
        partition_key,
        month,
        'ehcp_issued_within_20_weeks' as kpi_id,
        ehcp_request_id as source_id,
        person_id,
        plan_issued_date as reference_date,
        plan_issued_date <= {{ add_days('request_date', 140) }} as in_numerator,
        cast(null as decimal(18, 4)) as measure,
        cast(null as decimal(18, 4)) as weight
    from population
)

select * from final
