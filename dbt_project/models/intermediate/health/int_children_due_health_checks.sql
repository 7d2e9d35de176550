with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

children_in_care as (select * from {{ ref('int_children_in_care') }}),

final as (
    select children_in_care.*
    from children_in_care
    inner join reporting_month on children_in_care.partition_key = reporting_month.partition_key
    where children_in_care.period_start_date <= reporting_month.health_check_start_by
)

select * from final
