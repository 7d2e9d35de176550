with

children_in_care as (select * from {{ ref('int_children_in_care') }}),

people as (select * from {{ ref('stg_ssd_person') }}),

placement_types as (select * from {{ ref('int_placement_types_at_month_end') }}),

education as (select * from {{ ref('int_education_at_month_end') }}),

entries as (select * from {{ ref('int_care_entries_in_12_months') }}),

code_sets as (select * from {{ ref('code_sets') }}),

children as (
    select
        children_in_care.partition_key,
        children_in_care.month,
        children_in_care.as_at,
        children_in_care.person_id,
        'children_in_care' as total,
        placement_types.placement_type_group as placement_type,
        people.pers_sex as gender,
        case
            when children_in_care.age < 1 then '0'
            when children_in_care.age < 5 then '1-4'
            when children_in_care.age < 10 then '5-9'
            when children_in_care.age < 16 then '10-15'
            else '16+'
        end as age_band,
        code_sets.group as ethnic_group,
        coalesce(education.education_status, 'NOTREC') as education_status
    from children_in_care
    left join people
        on
            children_in_care.partition_key = people.partition_key
            and children_in_care.person_id = people.pers_person_id
    inner join placement_types
        on
            children_in_care.partition_key = placement_types.partition_key
            and children_in_care.person_id = placement_types.person_id
    left join education
        on
            children_in_care.partition_key = education.partition_key
            and children_in_care.person_id = education.person_id
    left join code_sets
        on people.pers_ethnicity = code_sets.code and code_sets.code_set = 'ethnicity'
),

final as (
    {%- for dimension in [
        'total', 'placement_type', 'gender', 'age_band', 'ethnic_group', 'education_status',
    ] %}
    select
        partition_key,
        month,
        as_at,
        person_id,
        '{{ dimension }}' as dimension,
        {{ dimension }} as code
    from children

    union all
    {% endfor %}
    select
        partition_key,
        month,
        as_at,
        person_id,
        'reason_for_entry' as dimension,
        primary_need as code
    from entries

    union all

    select
        partition_key,
        month,
        as_at,
        person_id,
        'total' as dimension,
        'started_in_12_months' as code
    from entries
)

select * from final
