-- The runs of the gates, numbered by time; a run that was killed has no verdict, and closes none.
with files as (
    select
        unnest($files) as file,
        regexp_extract(file, '([^/]+)[.]parquet$', 1) as run_name
)

select
    row_number() over (order by run_name) as run,
    run_name,
    substr(run_name, 23) as page,
    regexp_extract(file, 'month=([^/]+)/', 1) as month,
    strptime(left(run_name, 21), '%Y%m%dT%H%M%S%f') as made_at,
    load_versions,
    coalesce(not stopped, false) as closes
from files
left join version using (run_name)
