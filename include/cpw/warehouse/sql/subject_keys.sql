-- The pseudonym of every subject: HMAC-SHA-256 with the two pads of its key (RFC 2104).
select
    subject_type,
    source_id,
    left(sha256(getvariable('outer_pad') || unhex(
        sha256(getvariable('inner_pad') || encode(
            getvariable('authority') || '|' || subject_type || '|' || source_id
        ))
    )), 32) as subject_id
from ({{ sources }}) as subject
