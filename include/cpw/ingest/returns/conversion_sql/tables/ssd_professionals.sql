select distinct sw_id as prof_professional_id
from latest_sw_episodes
where sw_decom <= getvariable('as_at')
