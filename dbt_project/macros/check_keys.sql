{# Why: a load checks a hundred and twenty keys, and dbt takes longer to start a test than DuckDB to
   run it. One query at the end of a build checks the keys of all tables that were built. Views are
   left out: the gates have checked the keys of staging, and the KPI models end in two tables. #}

{% macro check_keys(results) %}
    {% if not execute or not var('check_keys_at_end') %} {{ return('') }} {% endif %}
    {% set built = results | selectattr('status', 'equalto', 'success')
       | map(attribute='node.unique_id') | list %}
    {% set queries = [] %}
    {% for test in graph.nodes.values() if test.attached_node in built
       and test.test_metadata.name == 'unique_and_not_null' %}
        {% set model = graph.nodes[test.attached_node] %}
        {% if model.config.materialized == 'table' %}
        {% do queries.append(
            "select '" ~ model.name ~ "' as model, count(*) as keys from ("
            ~ test_unique_and_not_null(model.relation_name, test.test_metadata.kwargs.columns)
            ~ ") as broken"
        ) %}
        {% endif %}
    {% endfor %}
    {% if not queries %} {{ return('') }} {% endif %}
    {% set broken = run_query(
        'select * from (' ~ queries | join(' union all ') ~ ') as checked where keys > 0'
    ) %}
    {% if broken.rows %}
        {% set named = [] %}
        {% for model, keys in broken.rows %}
            {% do named.append(model ~ ' has ' ~ keys ~ ' key(s) more than once or with a null') %}
        {% endfor %}
        {% do exceptions.raise_compiler_error(named | join('; ')) %}
    {% endif %}
{% endmacro %}
