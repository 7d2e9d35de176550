with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

children_in_care as (select * from {{ ref('int_children_in_care') }}),

legal_statuses as (select * from {{ ref('int_legal_statuses') }}),

-- a return asks nothing of a child with a short break in its year
short_breaks as (
    select distinct
        legal_statuses.partition_key,
        legal_statuses.person_id
    from legal_statuses
    inner join reporting_month on legal_statuses.partition_key = reporting_month.partition_key
    where
        reporting_month.source = 'ssda903'
        and legal_statuses.legal_status in ('V3', 'V4')
        and legal_statuses.start_date <= reporting_month.as_at
        and (
            legal_statuses.end_date is null
            or legal_statuses.end_date >= reporting_month.health_check_start_by
        )
),

final as (
    select children_in_care.*
    from children_in_care
    inner join reporting_month on children_in_care.partition_key = reporting_month.partition_key
    left join short_breaks
        on
            children_in_care.partition_key = short_breaks.partition_key
            and children_in_care.person_id = short_breaks.person_id
    where
        children_in_care.period_start_date <= reporting_month.health_check_start_by
        and short_breaks.person_id is null
)

select * from final
