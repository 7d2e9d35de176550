-- Reviews held by the month-end, each in the period of care of that day.
select
    latest_reviews.*,
    periods.cla_id
from latest_reviews
left join periods
    on
        latest_reviews.child = periods.child
        and latest_reviews.review >= periods.start_date
        and latest_reviews.review <= coalesce(periods.end_date, date 'infinity')
where latest_reviews.review <= getvariable('as_at')
qualify
    row_number() over (
        partition by latest_reviews.child, latest_reviews.review
        order by periods.start_date desc
    ) = 1
