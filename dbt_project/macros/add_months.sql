{# Why: engines differ. The same day of the month, or that month's last day where it has none. #}

{% macro add_months(day, months) %}
    {{- adapter.dispatch('add_months')(day, months) -}}
{% endmacro %}

{% macro default__add_months(day, months) %}
    {{- '' -}} add_months({{ day }}, {{ months }})
{%- endmacro %}

{% macro duckdb__add_months(day, months) %}
    {{- '' -}} cast({{ day }} + to_months(cast({{ months }} as integer)) as date)
{%- endmacro %}
