{# Why: engines differ in how days are added to a date. #}

{% macro add_days(day, days) %}
    {{- adapter.dispatch('add_days')(day, days) -}}
{% endmacro %}

{% macro default__add_days(day, days) %}
    {{- '' -}} date_add({{ day }}, cast({{ days }} as int))
{%- endmacro %}

{% macro duckdb__add_days(day, days) %}
    {{- '' -}} ({{ day }} + cast({{ days }} as integer))
{%- endmacro %}
