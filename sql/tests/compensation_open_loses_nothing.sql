-- What was open the day before is open with the same enqueueing, or was settled on the day.
with kept as (
    select day, env, compensation_id, enqueued_at from compensation_open
    union all
    select day, env, compensation_id, enqueued_at from compensation_move where settled_at is not null
)
select before.day, before.env, before.compensation_id, 'neither open nor settled' as fault
from compensation_open_before as before
left join kept
    on before.day = kept.day
    and before.env = kept.env
    and before.compensation_id = kept.compensation_id
    and before.enqueued_at = kept.enqueued_at
where kept.env is null
