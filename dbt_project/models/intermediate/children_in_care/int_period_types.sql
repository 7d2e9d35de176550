with

periods as (select * from {{ ref('int_periods_from_episodes') }}),

legal_statuses as (select * from {{ ref('int_legal_statuses') }}),

statuses_at_start as (
    select
        periods.partition_key,
        periods.cla_id,
        legal_statuses.legal_status,
        row_number() over (
            partition by periods.partition_key, periods.cla_id order by legal_statuses.precedence
        ) as status_rank
    from periods
    inner join legal_statuses
        on
            periods.partition_key = legal_statuses.partition_key
            and periods.person_id = legal_statuses.person_id
            and {{ in_force(
                'legal_statuses.start_date', 'legal_statuses.end_date', 'periods.start_date'
            ) }}
),

final as (
    select
        periods.partition_key,
        periods.cla_id,
        periods.person_id,
        statuses_at_start.legal_status as legal_status_at_start,
        coalesce(statuses_at_start.legal_status in ('V3', 'V4'), false) as is_short_break
    from periods
    left join statuses_at_start
        on
            periods.partition_key = statuses_at_start.partition_key
            and periods.cla_id = statuses_at_start.cla_id
            and statuses_at_start.status_rank = 1
)

select * from final
