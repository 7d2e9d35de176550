-- The edition of a month, its day and the version of its publication.
select distinct
    s.edition,
    s.as_at,
    r.publication_version
from marts.scorecard as s
inner join marts.kpi_result as r using (authority, month)
where s.authority = $authority and s.month = $month
