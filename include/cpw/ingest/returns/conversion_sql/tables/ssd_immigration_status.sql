select
    child || '-UASC' as immi_immigration_status_id,
    child as immi_person_id,
    start_date as immi_immigration_status_start_date,
    end_date as immi_immigration_status_end_date,
    'UASC' as immi_immigration_status
from unaccompanied
