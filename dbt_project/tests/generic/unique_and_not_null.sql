{# The key: none of its columns is null, and no two rows share it. One query a model, not two a column. #}

{% test unique_and_not_null(model, columns) %}

select {{ columns | join(', ') }}
from {{ model }}
group by {{ columns | join(', ') }}
having
    count(*) > 1
    {%- for column in columns %}
    or {{ column }} is null
    {%- endfor %}

{% endtest %}
