{# Why: engines differ. Days from the first date to the second, negative when it is earlier. #}

{% macro days_between(first_day, second_day) %}
    {{- adapter.dispatch('days_between')(first_day, second_day) -}}
{% endmacro %}

{% macro default__days_between(first_day, second_day) %}
    {{- '' -}} datediff({{ second_day }}, {{ first_day }})
{%- endmacro %}

{% macro duckdb__days_between(first_day, second_day) %}
    {{- '' -}} date_diff('day', {{ first_day }}, {{ second_day }})
{%- endmacro %}
