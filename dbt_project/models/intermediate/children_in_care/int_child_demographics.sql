with

children_in_care as (select * from {{ ref('int_children_in_care') }}),

sources_held as (select * from {{ ref('int_month_source') }}),

people as (select * from {{ ref('stg_ssd_person') }}),

disabilities as (select * from {{ ref('stg_ssd_disability') }}),

children as (
    select
        children_in_care.partition_key,
        children_in_care.month,
        children_in_care.as_at,
        children_in_care.person_id,
        children_in_care.age,
        children_in_care.is_uasc,
        people.pers_sex as sex,
        people.pers_ethnicity as ethnicity,
        people.pers_nationality as nationality
    from children_in_care
    left join people
        on
            children_in_care.partition_key = people.partition_key
            and children_in_care.person_id = people.pers_person_id
),

disabled as (
    select distinct
        partition_key,
        disa_person_id as person_id,
        disa_disability_code as disability
    from disabilities
    where disa_disability_code <> 'NONE'
),

valued as (
    select
        *,
        'age' as dimension,
        cast(age as string) as code
    from children
    union all
    select
        *,
        'uasc' as dimension,
        case when is_uasc then 'Y' else 'N' end as code
    from children
    union all
    select
        *,
        'ethnicity' as dimension,
        ethnicity as code
    from children
    union all
    select
        *,
        'nationality' as dimension,
        coalesce(nationality, 'Not Recorded') as code
    from children
    union all
    select
        children.*,
        'disability' as dimension,
        coalesce(disabled.disability, 'NONE') as code
    from children
    left join disabled
        on
            children.partition_key = disabled.partition_key
            and children.person_id = disabled.person_id
),

final as (
    select
        valued.partition_key,
        valued.month,
        valued.as_at,
        valued.person_id,
        valued.sex,
        valued.dimension,
        valued.code
    from valued
    inner join sources_held on valued.partition_key = sources_held.partition_key
    where
        (sources_held.is_extract or valued.dimension not in ('nationality', 'disability'))
        and (sources_held.knows_uasc or valued.dimension <> 'uasc')
)

select * from final
