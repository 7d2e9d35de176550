with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

children as (select * from {{ ref('int_education_at_month_end') }}),

education as (select * from {{ ref('stg_local_education') }}),

exclusions as (select * from {{ ref('stg_local_exclusions') }}),

times as (
    select
        partition_key,
        month,
        as_at,
        'month' as period,
        month_start as first_day
    from reporting_month
    where source = 'extract'
    union all
    select
        partition_key,
        month,
        as_at,
        'academic_year' as period,
        ac_ytd_start as first_day
    from reporting_month
    where source = 'extract'
),

excluded as (
    select
        times.partition_key,
        times.period,
        exclusions.person_id,
        max(case when exclusions.exclusion_type = 'PERMANENT' then 1 else 0 end) = 1
            as is_permanent
    from times
    inner join exclusions
        on
            times.partition_key = exclusions.partition_key
            and times.first_day <= exclusions.exclusion_date
            and times.as_at >= exclusions.exclusion_date
    group by times.partition_key, times.period, exclusions.person_id
),

-- month: what the record says on as_at; academic year: what a record said on any of its days
on_reduced_timetable as (
    select distinct
        times.partition_key,
        times.period,
        education.person_id
    from times
    inner join education
        on
            times.partition_key = education.partition_key
            and times.period = 'academic_year'
            and education.part_time_timetable = 'Y'
            and (education.end_date is null or times.first_day < education.end_date)
            and (education.end_date is null or education.end_date > education.start_date)
    union all
    select
        partition_key,
        'month' as period,
        person_id
    from children
    where part_time_timetable = 'Y'
),

final as (
    select
        times.partition_key,
        times.month,
        times.as_at,
        times.period,
        children.person_id,
        excluded.person_id is not null as is_excluded,
        coalesce(excluded.is_permanent, false) as is_permanently_excluded,
        on_reduced_timetable.person_id is not null as is_on_reduced_timetable
    from times
    inner join children on times.partition_key = children.partition_key
    left join excluded
        on
            times.partition_key = excluded.partition_key
            and times.period = excluded.period
            and children.person_id = excluded.person_id
    left join on_reduced_timetable
        on
            times.partition_key = on_reduced_timetable.partition_key
            and times.period = on_reduced_timetable.period
            and children.person_id = on_reduced_timetable.person_id
)

select * from final
