-- How many subjects each indicator has, and which of their columns are filled.
select
    kpi_id,
    count(*) as subjects,
    count(*) filter (in_numerator) as in_numerator,
    count(measure) as measures,
    count(weight) as weights
from marts.kpi_subject
where authority = $authority and month = $month
group by kpi_id
