with

children_in_care as (select * from {{ ref('int_children_in_care') }}),

adoption_plans as (select * from {{ ref('int_latest_adoption_plans') }}),

reviews as (select * from {{ ref('stg_ssd_cla_reviews') }}),

reviews_held as (
    select
        partition_key,
        clar_cla_id as cla_id,
        count(*) as reviews
    from reviews
    where clar_cla_review_cancelled = 'N' and clar_cla_review_date is not null
    group by partition_key, clar_cla_id
),

final as (
    select
        children_in_care.partition_key,
        children_in_care.month,
        'twin_tracking_after_third_review' as kpi_id,
        children_in_care.person_id as source_id,
        children_in_care.person_id,
        children_in_care.as_at as reference_date,
        reviews_held.reviews >= 3 as in_numerator,
        cast(null as decimal(18, 4)) as measure,
        cast(null as decimal(18, 4)) as weight
    from children_in_care
    inner join adoption_plans
        on
            children_in_care.partition_key = adoption_plans.partition_key
            and children_in_care.cla_id = adoption_plans.cla_id
    inner join reviews_held
        on
            children_in_care.partition_key = reviews_held.partition_key
            and children_in_care.cla_id = reviews_held.cla_id
    where adoption_plans.parallel_planning = 'Y'
)

select * from final
