{# Why: a figure is rated the same way wherever it stands. Its shown result is compared with target
   and floor by polarity; there is no rating without a target, a result or enough subjects. #}

{% macro rag(shown, polarity, target, floor, is_under_minimum) %}
    {{- '' -}} case
        when {{ target }} is null or {{ shown }} is null or {{ is_under_minimum }} then null
        when {{ polarity }} = 'H' and {{ shown }} >= {{ target }} then 'G'
        when {{ polarity }} = 'H' and {{ shown }} >= {{ floor }} then 'A'
        when {{ polarity }} = 'L' and {{ shown }} <= {{ target }} then 'G'
        when {{ polarity }} = 'L' and {{ shown }} <= {{ floor }} then 'A'
        when {{ polarity }} in ('H', 'L') then 'R'
    end
{%- endmacro %}
