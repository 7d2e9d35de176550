-- the lists of vars, the models in models/kpi and the catalogue name the same KPIs;
-- a model of several KPIs names them in its config.meta.kpis
{% set models = [] -%}
{%- for node in (graph.nodes.values() if execute else []) -%}
{%- if node.resource_type == 'model' and node.fqn[1] == 'kpi' -%}
{%- do models.extend(node.config.meta.get('kpis', [node.name.removeprefix('kpi_')])) -%}
{%- endif -%}
{%- endfor %}

with

kpi_catalogue as (select * from {{ ref('kpi_catalogue') }}),

named as (
    select
        kpi_id,
        'catalogue' as source
    from kpi_catalogue
    {%- for kpi_id in var('kpis') %}
    union all
    select
        '{{ kpi_id }}' as kpi_id,
        'list of subjects' as source
    {%- endfor %}
    {%- for kpi_id in var('figure_kpis') %}
    union all
    select
        '{{ kpi_id }}' as kpi_id,
        'list of figures' as source
    {%- endfor %}
    {%- for kpi_id in var('external_kpis') %}
    union all
    select
        '{{ kpi_id }}' as kpi_id,
        'list of published statistics' as source
    {%- endfor %}
    {%- for kpi_id in models %}
    union all
    select
        '{{ kpi_id }}' as kpi_id,
        'model' as source
    {%- endfor %}
)

select kpi_id
from named
group by kpi_id
having count(*) <> 3 or count(distinct source) <> 3
