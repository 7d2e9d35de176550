{# Why: age is asked for in many models and has one rule. Month and day are compared as numbers, so
   somebody born on 29 February becomes a year older on 1 March of a common year. #}

{% macro completed_years(date_of_birth, day) %}
    {{- '' -}} cast(
        extract(year from {{ day }}) - extract(year from {{ date_of_birth }})
        - case
            when extract(month from {{ day }}) * 100 + extract(day from {{ day }})
                < extract(month from {{ date_of_birth }}) * 100
                + extract(day from {{ date_of_birth }})
                then 1
            else 0
        end as integer
    )
{%- endmacro %}
