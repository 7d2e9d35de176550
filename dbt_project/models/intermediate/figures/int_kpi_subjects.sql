with

{% for kpi_id in var('kpis') -%}
{{ kpi_id }} as (select * from {{ ref('kpi_' ~ kpi_id) }}),

{% endfor -%}

final as (
    {%- for kpi_id in var('kpis') %}
    select * from {{ kpi_id }}
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
)

select * from final
