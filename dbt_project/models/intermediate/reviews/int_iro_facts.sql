with

answers as (select * from {{ ref('int_review_answers') }}),

notifications as (select * from {{ ref('int_iro_notifications') }}),

disputes as (select * from {{ ref('int_disputes_in_financial_year') }}),

final as (
    select
        partition_key,
        review_quality_id as source_id,
        measure,
        is_so
    from answers
    union all
    select
        partition_key,
        cla_id as source_id,
        'late_notifications' as measure,
        is_late as is_so
    from notifications
    union all
    select
        partition_key,
        dispute_id as source_id,
        'dispute_resolutions' as measure,
        true as is_so
    from disputes
)

select * from final
