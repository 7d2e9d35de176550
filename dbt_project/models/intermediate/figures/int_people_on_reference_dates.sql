with

reference_dates as (select * from {{ ref('int_reference_dates') }}),

people as (select * from {{ ref('stg_ssd_person') }}),

uasc as (select * from {{ ref('int_uasc_on_reference_dates') }}),

teams as (select * from {{ ref('int_teams_on_reference_dates') }}),

placements as (select * from {{ ref('int_placements_on_reference_dates') }}),

legal_statuses as (select * from {{ ref('int_legal_statuses_on_reference_dates') }}),

code_sets as (select * from {{ ref('code_sets') }}),

final as (
    select
        reference_dates.partition_key,
        reference_dates.person_id,
        reference_dates.reference_date,
        coalesce(uasc.is_uasc, false) as is_uasc,
        uasc.person_id is not null as was_uasc,
        people.pers_sex as sex,
        {{ completed_years('people.pers_dob', 'reference_dates.reference_date') }} as age,
        nullif(code_sets.group, 'Unknown') as ethnic_group,
        teams.area,
        teams.team,
        placements.placement_group,
        legal_statuses.legal_status_group
    from reference_dates
    left join people
        on
            reference_dates.partition_key = people.partition_key
            and reference_dates.person_id = people.pers_person_id
    left join code_sets
        on people.pers_ethnicity = code_sets.code and code_sets.code_set = 'ethnicity'
    {%- for found in ['uasc', 'teams', 'placements', 'legal_statuses'] %}
    left join {{ found }}
        on
            reference_dates.partition_key = {{ found }}.partition_key
            and reference_dates.person_id = {{ found }}.person_id
            and reference_dates.reference_date = {{ found }}.reference_date
    {%- endfor %}
)

select * from final
