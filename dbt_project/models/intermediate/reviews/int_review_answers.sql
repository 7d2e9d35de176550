{%- set answers = {
    'reviews_chaired_by_iro': "chaired_by_iro = 'Y'",
    'care_plan_shared_and_views_recorded': "plan_shared_and_views_recorded = 'Y'",
    'plan_implemented_in_timeframe': "plan_in_timeframe = 'Y'",
    'care_plans_good_or_better': "plan_grade_group = 'good_or_better'",
    'care_plans_requires_improvement': "plan_grade_group = 'requires_improvement'",
    'care_plans_inadequate': "plan_grade_group = 'inadequate'",
} -%}

with

reviews as (select * from {{ ref('int_reviews_held') }}),

review_quality as (select * from {{ ref('stg_local_review_quality') }}),

code_sets as (select * from {{ ref('code_sets') }}),

recorded as (
    select
        reviews.partition_key,
        review_quality.review_quality_id,
        review_quality.chaired_by_iro,
        review_quality.plan_shared_and_views_recorded,
        review_quality.plan_in_timeframe,
        code_sets.group as plan_grade_group
    from reviews
    inner join review_quality
        on
            reviews.partition_key = review_quality.partition_key
            and reviews.review_id = review_quality.review_id
    left join code_sets
        on review_quality.plan_grade = code_sets.code and code_sets.code_set = 'plan_grade'
    where reviews.is_in_year
),

listed as (
    {%- for measure, condition in answers.items() %}
    select
        partition_key,
        review_quality_id,
        '{{ measure }}' as measure,
        {{ condition }} as is_so
    from recorded
    {%- if not loop.last %}

    union all
    {% endif %}
    {%- endfor %}
),

final as (
    select *
    from listed
    where is_so is not null
)

select * from final
