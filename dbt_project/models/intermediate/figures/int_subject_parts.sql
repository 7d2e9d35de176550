with

subjects as (select * from {{ ref('int_subjects_with_attributes') }}),

in_cohorts as (
    select
        *,
        'all' as cohort
    from subjects

    union all

    select
        *,
        'exc_uasc' as cohort
    from subjects
    where exc_uasc_cohort = 'yes' and not coalesce(is_uasc, false)
),

final as (
    select
        *,
        case
            when is_uasc is null then 'unknown'
            when is_uasc then 'UASC'
            else 'not UASC'
        end as uasc,
        cast(
            case
                when unit = 'mean' or subject_type = 'post' then measure
                when in_numerator then 1
                else 0
            end as decimal(18, 4)
        ) as numerator_part,
        cast(case when subject_type = 'post' then weight else 1 end as decimal(18, 4))
            as denominator_part
    from in_cohorts
)

select * from final
