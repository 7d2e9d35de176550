-- vars.kpis, the models in models/kpi and the catalogue name the same KPIs
{% set models = [] -%}
{%- for node in (graph.nodes.values() if execute else []) -%}
{%- if node.resource_type == 'model' and node.fqn[1] == 'kpi' -%}
{%- do models.append(node.name.removeprefix('kpi_')) -%}
{%- endif -%}
{%- endfor %}

with

kpi_catalogue as (select * from {{ ref('kpi_catalogue') }}),

named as (
    select
        '' as kpi_id,
        'list' as source
    {%- for kpi_id in var('kpis') %}
    union all
    select
        '{{ kpi_id }}' as kpi_id,
        'list' as source
    {%- endfor %}
    {%- for kpi_id in models %}
    union all
    select
        '{{ kpi_id }}' as kpi_id,
        'model' as source
    {%- endfor %}
)

select named.kpi_id
from named
left join kpi_catalogue on named.kpi_id = kpi_catalogue.kpi_id
where named.kpi_id <> ''
group by named.kpi_id
having count(distinct named.source) < 2 or count(kpi_catalogue.kpi_id) = 0
