with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

reviews as (select * from {{ ref('int_reviews_held') }}),

code_sets as (select * from {{ ref('code_sets') }}),

without_source as (select * from {{ ref('int_kpis_without_source') }}),

coded as (
    select
        reviews.*,
        coalesce(reviews.participation_code, 'none') as code,
        coalesce(code_sets.label, 'Not recorded') as label,
        coalesce(code_sets.group, 'not_participated') as counts_as,
        case
            when reviews.age < 5 then '0-4'
            when reviews.age < 10 then '5-9'
            when reviews.age < 16 then '10-15'
            when reviews.age >= 16 then '16+'
            else 'unknown'
        end as age_band
    from reviews
    left join code_sets
        on
            reviews.participation_code = code_sets.code
            and code_sets.code_set = 'review_participation'
    where
        reviews.is_in_window
        and not exists (
            select 1
            from without_source
            where
                without_source.partition_key = reviews.partition_key
                and without_source.kpi_id = 'participation_at_reviews'
                and without_source.cohort = 'all'
        )
),

final as (
    select
        reporting_month.authority,
        reporting_month.month,
        reporting_month.as_at,
        coded.code as participation_code,
        coded.label as participation,
        coded.counts_as,
        coded.age_band,
        cast(count(*) as integer) as reviews
    from coded
    inner join reporting_month on coded.partition_key = reporting_month.partition_key
    group by
        reporting_month.authority,
        reporting_month.month,
        reporting_month.as_at,
        coded.code,
        coded.label,
        coded.counts_as,
        coded.age_band
)

select * from final
