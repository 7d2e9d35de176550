-- What AD1 says of an adopted child, in the child's last period of care that ended by adoption.
select
    latest_ad1.*,
    periods.cla_id
from latest_ad1
left join periods
    on latest_ad1.child = periods.child and periods.end_reason in ('E11', 'E12')
qualify row_number() over (partition by latest_ad1.child order by periods.start_date desc) = 1
