with

external_figures as (select * from {{ ref('int_external_figures') }}),

final as (
    select
        partition_key,
        month,
        kpi_id,
        cohort,
        numerator,
        denominator,
        value
    from external_figures
    where kpi_id in (
        {%- for kpi_id in var('external_kpis') %}
        '{{ kpi_id }}'{% if not loop.last %},{% endif %}
        {%- endfor %}
    )
)

select * from final
