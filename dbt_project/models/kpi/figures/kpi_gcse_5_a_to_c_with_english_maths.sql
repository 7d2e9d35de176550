with

external_figures as (select * from {{ ref('int_external_figures') }}),

final as (
    select
        authority,
        month,
        kpi_id,
        cohort,
        numerator,
        denominator,
        value
    from external_figures
    where kpi_id = 'gcse_5_a_to_c_with_english_maths'
)

select * from final
