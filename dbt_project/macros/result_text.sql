{# Why: a result is printed in three columns of the scorecard, and engines differ in separators. #}

{% macro result_text(shown, unit) %}
    {{- '' -}} case
        when {{ unit }} in ('percent', 'external') then cast({{ shown }} as varchar(20)) || '%'
        when {{ unit }} = 'count' then {{ adapter.dispatch('with_thousands')(shown) }}
        else cast({{ shown }} as varchar(20))
    end
{%- endmacro %}

{% macro default__with_thousands(whole) %}
    {{- '' -}} format_number(cast({{ whole }} as bigint), 0)
{%- endmacro %}

{% macro duckdb__with_thousands(whole) %}
    {{- '' -}} format('{:,}', cast({{ whole }} as bigint))
{%- endmacro %}
