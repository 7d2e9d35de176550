{# Why: many models ask what is in force on a day, and the rule is one: from its start on, and no
   longer on the day it ended. #}

{% macro in_force(start_date, end_date, day) %}
    {{- '' -}} {{ start_date }} <= {{ day }}
    and ({{ end_date }} is null or {{ end_date }} > {{ day }})
{%- endmacro %}
