-- Who is not born by the month-end is not known yet.
select
    child as pers_person_id,
    sex as pers_sex,
    ethnic as pers_ethnicity,
    dob as pers_dob,
    case mother when '1' then 'Y' when '0' then 'N' end as pers_is_mother
from latest_header
where dob <= getvariable('as_at')
