with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

posts as (select * from {{ ref('stg_local_establishment') }}),

cases as (select * from {{ ref('int_team_cases') }}),

staffed as (
    select
        partition_key,
        team_name as team,
        max(area) as area,
        max(team_type) as team_type,
        sum(established_fte) as established_fte,
        sum(filled_fte) as filled_fte
    from posts
    group by partition_key, team_name
),

loaded as (
    select
        partition_key,
        team,
        max(area) as area,
        sum(case when case_type = 'child' then 1 else 0 end) as children,
        sum(case when case_type = 'care_leaver' then 1 else 0 end) as care_leavers,
        count(*) as cases
    from cases
    group by partition_key, team
),

teams as (
    select
        coalesce(staffed.partition_key, loaded.partition_key) as partition_key,
        coalesce(staffed.team, loaded.team) as team,
        coalesce(staffed.area, loaded.area, 'unknown') as area,
        staffed.team_type,
        coalesce(loaded.children, 0) as children,
        coalesce(loaded.care_leavers, 0) as care_leavers,
        coalesce(loaded.cases, 0) as cases,
        coalesce(staffed.established_fte, 0) as established_fte,
        coalesce(staffed.filled_fte, 0) as filled_fte
    from staffed
    full outer join loaded
        on staffed.partition_key = loaded.partition_key and staffed.team = loaded.team
),

final as (
    select
        reporting_month.authority,
        reporting_month.month,
        reporting_month.as_at,
        teams.area,
        teams.team,
        teams.team_type,
        cast(teams.children as integer) as children,
        cast(teams.care_leavers as integer) as care_leavers,
        cast(teams.cases as integer) as cases,
        cast(teams.established_fte as decimal(18, 4)) as established_fte,
        cast(teams.filled_fte as decimal(18, 4)) as filled_fte,
        {{ round_ratio('teams.cases', 1, 'teams.filled_fte', 1) }} as cases_per_fte
    from reporting_month
    inner join teams on reporting_month.partition_key = teams.partition_key
    where
        reporting_month.source = 'extract'
        and (
            teams.cases > 0
            or teams.team_type in ('CIC_DISTRICT', 'CIC_DISABILITY', 'CIC_UASC', 'CARE_LEAVERS')
        )
)

select * from final
