{%- set steps = {
    'enquiry_to_stage_1_start': ('enquiry_date', 'stage_1_start_date'),
    'stage_1_start_to_end': ('stage_1_start_date', 'stage_1_end_date'),
    'stage_1_end_to_stage_2_start': ('stage_1_end_date', 'stage_2_start_date'),
    'stage_2_start_to_end': ('stage_2_start_date', 'stage_2_end_date'),
    'stage_1_start_to_stage_2_end': ('stage_1_start_date', 'stage_2_end_date'),
    'enquiry_to_stage_2_end': ('enquiry_date', 'stage_2_end_date'),
} -%}

with

financial_year as (select * from {{ ref('int_financial_year') }}),

adopters as (select * from {{ ref('stg_local_adopters') }}),

approved as (
    select adopters.*
    from adopters
    inner join financial_year on adopters.partition_key = financial_year.partition_key
    where
        adopters.stage_2_end_date between financial_year.first_day and financial_year.as_at
        and adopters.fast_tracked = 'N'
),

listed as (
    {%- for measure, days in steps.items() %}
    select
        partition_key,
        adopter_id,
        '{{ measure }}' as measure,
        'approved in year' as cohort,
        cast({{ days_between(days[0], days[1]) }} as integer) as days
    from approved
    {%- if not loop.last %}

    union all
    {% endif %}
    {%- endfor %}
),

final as (
    select *
    from listed
    where days is not null
)

select * from final
