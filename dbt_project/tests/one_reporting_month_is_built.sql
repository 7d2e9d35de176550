-- a month before the first edition has no window, so nothing could be computed
select count(*) as months
from {{ ref('int_reporting_month') }}
having count(*) <> 1
