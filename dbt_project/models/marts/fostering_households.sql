with

financial_year as (select * from {{ ref('int_financial_year') }}),

households as (select * from {{ ref('stg_local_fostering_households') }}),

code_sets as (select * from {{ ref('code_sets') }}),

described as (
    select
        financial_year.authority,
        financial_year.month,
        financial_year.as_at,
        code_sets.label as household_type,
        households.approved_places,
        {{ in_force('households.approved_date', 'households.ended_date', 'financial_year.as_at') }}
            as is_approved,
        households.approved_date between financial_year.first_day and financial_year.as_at
            as is_new,
        coalesce(
            households.ended_date between financial_year.first_day and financial_year.as_at, false
        ) as has_ended
    from financial_year
    inner join households on financial_year.partition_key = households.partition_key
    inner join code_sets
        on
            households.household_type = code_sets.code
            and code_sets.code_set = 'fostering_household_type'
),

final as (
    select
        authority,
        month,
        as_at,
        household_type,
        cast(sum(case when is_approved then 1 else 0 end) as integer) as households,
        cast(sum(case when is_approved then coalesce(approved_places, 0) else 0 end) as integer)
            as approved_places,
        cast(sum(case when is_new then 1 else 0 end) as integer) as approved_in_year,
        cast(sum(case when has_ended then 1 else 0 end) as integer) as ended_in_year
    from described
    group by authority, month, as_at, household_type
)

select * from final
