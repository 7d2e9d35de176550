with

financial_year as (select * from {{ ref('int_financial_year') }}),

disputes as (select * from {{ ref('int_disputes_in_financial_year') }}),

code_sets as (select * from {{ ref('code_sets') }}),

final as (
    select
        financial_year.authority,
        financial_year.month,
        financial_year.as_at,
        financial_year.financial_year,
        code_sets.label as subject,
        disputes.level,
        cast(count(*) as integer) as disputes,
        cast(sum(case when disputes.resolved_date is not null then 1 else 0 end) as integer)
            as resolved
    from financial_year
    inner join disputes on financial_year.partition_key = disputes.partition_key
    inner join code_sets
        on disputes.subject = code_sets.code and code_sets.code_set = 'dispute_subject'
    group by
        financial_year.authority,
        financial_year.month,
        financial_year.as_at,
        financial_year.financial_year,
        code_sets.label,
        disputes.level
)

select * from final
