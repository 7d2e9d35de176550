{# Why: the published schema is `marts`, verbatim; dbt would prefix it with the target's schema. #}

{% macro generate_schema_name(custom_schema_name, node) %}
    {{- custom_schema_name or target.schema -}}
{% endmacro %}
