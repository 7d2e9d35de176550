select
    dated_id(child, 'R', review) as clar_cla_review_id,
    cla_id as clar_cla_id,
    review as clar_cla_review_date,
    'N' as clar_cla_review_cancelled,
    review_code as clar_cla_review_participation
from placed_reviews
where cla_id is not null
