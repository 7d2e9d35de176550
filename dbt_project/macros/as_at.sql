{# Why: staging and int_reporting_month both need the last day of the month, as a literal. #}

{% macro as_at() %}
    {%- set parts = var('month').split('-') -%}
    {%- set next_month = modules.datetime.date(parts[0] | int + parts[1] | int // 12,
                                               parts[1] | int % 12 + 1, 1) -%}
    cast('{{ next_month - modules.datetime.timedelta(days=1) }}' as date)
{%- endmacro %}
