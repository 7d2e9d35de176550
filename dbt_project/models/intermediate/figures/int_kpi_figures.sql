{#- one model for each figure that is computed, and one for all published statistics -#}
{%- set figures = var('figure_kpis') + ['external_figures'] -%}

with

{% for name in figures -%}
{{ name }} as (select * from {{ ref('kpi_' ~ name) }}),

{% endfor -%}

final as (
    {%- for name in figures %}
    select * from {{ name }}
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
)

select * from final
