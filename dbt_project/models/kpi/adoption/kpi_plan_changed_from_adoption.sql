with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

permanence as (select * from {{ ref('int_latest_permanence_records') }}),

-- the days of YTD on which the decision was in force: the first, and the day it ended
in_ytd as (
    select
        permanence.*,
        reporting_month.as_at,
        greatest(
            permanence.decision_date, permanence.period_start_date, reporting_month.ytd_start
        ) as in_force_from,
        least(
            coalesce(permanence.reversed_date, {{ add_days('reporting_month.as_at', 1) }}),
            coalesce(permanence.period_end_date, {{ add_days('reporting_month.as_at', 1) }})
        ) as in_force_until,
        coalesce(
            permanence.reversed_date between reporting_month.ytd_start and reporting_month.as_at,
            false
        ) as is_reversed_in_ytd
    from permanence
    inner join reporting_month on permanence.partition_key = reporting_month.partition_key
    where permanence.decision_date is not null
),

final as (
    select
        partition_key,
        month,
        'plan_changed_from_adoption' as kpi_id,
        cla_id as source_id,
        person_id,
        as_at as reference_date,
        is_reversed_in_ytd as in_numerator,
        cast(null as decimal(18, 4)) as measure,
        cast(null as decimal(18, 4)) as weight
    from in_ytd
    where
        in_force_from < in_force_until
        or (
            is_reversed_in_ytd
            and reversed_date >= period_start_date
            and (reversed_date <= period_end_date or period_end_date is null)
        )
)

select * from final
