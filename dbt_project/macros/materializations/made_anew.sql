{# Why: each load builds into databases of its own, which are empty. dbt's materializations make a
   relation under another name, swap it in and drop the one before: a fifth of a load's build. One
   statement needs no transaction around it either. #}

{% materialization table, adapter='duckdb' %}
    {{ return(make_anew('table')) }}
{% endmaterialization %}

{% materialization view, adapter='duckdb' %}
    {{ return(make_anew('view')) }}
{% endmaterialization %}

{% macro make_anew(type) %}
    {%- set relation = this.incorporate(type=type) -%}
    {{ drop_relation_if_exists(load_cached_relation(this)) }}
    {{ run_hooks(pre_hooks) }}
    {% call statement('main', auto_begin=False) -%}
        {{ create_table_as(False, relation, compiled_code) if type == 'table'
           else create_view_as(relation, compiled_code) }}
    {%- endcall %}
    {{ run_hooks(post_hooks) }}
    {{ return({'relations': [relation]}) }}
{% endmacro %}
