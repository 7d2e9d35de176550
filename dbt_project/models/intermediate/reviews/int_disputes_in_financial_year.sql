with

financial_year as (select * from {{ ref('int_financial_year') }}),

periods as (select * from {{ ref('int_periods_of_care') }}),

disputes as (select * from {{ ref('stg_local_dispute_resolutions') }}),

final as (
    select
        disputes.partition_key,
        disputes.dispute_id,
        disputes.subject,
        disputes.level,
        disputes.raised_date,
        disputes.resolved_date
    from financial_year
    inner join disputes
        on
            financial_year.partition_key = disputes.partition_key
            and disputes.raised_date between financial_year.first_day and financial_year.as_at
    inner join periods
        on disputes.partition_key = periods.partition_key and disputes.cla_id = periods.cla_id
)

select * from final
