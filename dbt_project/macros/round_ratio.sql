{# Why: figures are rounded once, half away from zero, from the exact ratio. Both sides have four
   decimals and become whole numbers; decimal division would go through binary floats (DuckDB) or be
   cut to a scale first (Spark). No result where the denominator, never negative, is 0. #}

{% macro round_ratio(numerator, multiplier, denominator, places) %}
    {%- set n = adapter.dispatch('whole_number')('cast(' ~ numerator ~ ' as decimal(28, 4)) * 10000') -%}
    {%- set d = adapter.dispatch('whole_number')('cast(' ~ denominator ~ ' as decimal(28, 4)) * 10000') -%}
    {%- set doubled = 'abs(' ~ n ~ ') * ' ~ 2 * 10 ** places ~ ' * ' ~ multiplier ~ ' + ' ~ d -%}
    cast(
        sign({{ numerator }})
        * cast({{ adapter.dispatch('divide_whole')(doubled, 'nullif(2 * ' ~ d ~ ', 0)') }} as decimal(19, 0))
        * cast({{ '%.*f' | format(places, 0.1 ** places) }} as decimal(7, 6))
        as decimal(18, {{ places }})
    )
{%- endmacro %}

{% macro default__whole_number(number) %}cast({{ number }} as decimal(38, 0)){% endmacro %}

{% macro duckdb__whole_number(number) %}cast({{ number }} as hugeint){% endmacro %}

{% macro default__divide_whole(dividend, divisor) %}({{ dividend }}) div {{ divisor }}{% endmacro %}

{% macro duckdb__divide_whole(dividend, divisor) %}({{ dividend }}) // {{ divisor }}{% endmacro %}
