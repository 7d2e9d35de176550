{# Why: engines differ in how the texts of a group are joined. In alphabetical order. #}

{% macro join_texts(text) %}
    {{- adapter.dispatch('join_texts')(text) -}}
{% endmacro %}

{% macro default__join_texts(text) %}
    {{- '' -}} array_join(sort_array(collect_list({{ text }})), ', ')
{%- endmacro %}

{% macro duckdb__join_texts(text) %}
    {{- '' -}} string_agg({{ text }}, ', ' order by {{ text }})
{%- endmacro %}
