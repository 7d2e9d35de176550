create schema arrived;
create schema valid;
create schema previous;
create schema facts;

create table failed (
    rule_id varchar, table_name varchar, source_row integer, row_key varchar, person_id varchar
);

create table refused (table_name varchar, source_row integer, rule_id varchar);

create table blanked (table_name varchar, source_row integer, column_name varchar);

create table released (rule_id varchar, source_row integer);

create table facts.rows (
    table_name varchar, rows_read bigint, rows_loaded bigint, rows_refused bigint
);

create table facts.files (table_name varchar, rows_read bigint, is_of_month_before boolean);
