with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

final as (
    select
        partition_key,
        month,
        as_at,
        ytd_start as first_day,
        cast(extract(year from ytd_start) as string)
        || '-'
        || substring(cast(extract(year from ytd_start) + 1 as string), 3, 2) as financial_year
    from reporting_month
)

select * from final
