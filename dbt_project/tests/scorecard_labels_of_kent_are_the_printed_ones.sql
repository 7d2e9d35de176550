{{ config(tags=['golden']) }}

-- the labels' templates, filled for Kent, give the words of the papers
with

filled as (
    select *
    from {{ ref('int_scorecard_labels') }}
    where authority = '886'
),

printed as (select * from {{ ref('scorecard_labels_886') }})

select
    printed.edition,
    printed.position,
    printed.label as printed_label,
    filled.label as filled_label
from printed
full outer join filled
    on printed.edition = filled.edition and printed.position = filled.position
where printed.label is null or filled.label is null or printed.label <> filled.label
