with

subjects as (select * from {{ ref('int_kpi_subjects') }}),

final as (
    select distinct
        partition_key,
        person_id,
        reference_date
    from subjects
    where person_id is not null
)

select * from final
