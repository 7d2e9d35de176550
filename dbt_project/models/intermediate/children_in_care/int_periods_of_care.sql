with

periods as (select * from {{ ref('int_periods_from_episodes') }}),

short_breaks as (select * from {{ ref('int_period_types') }}),

final as (
    select periods.*
    from periods
    inner join short_breaks
        on
            periods.partition_key = short_breaks.partition_key
            and periods.cla_id = short_breaks.cla_id
    where not short_breaks.is_short_break
)

select * from final
