-- compensation_open: the compensations that are pending at the end of the day, which the next day begins with.
-- grain: one row per (dt, env, compensation_id) that is open      key: dt, env, compensation_id
-- inputs: compensation_move (dt = $dt)
-- source: docs/definitions.md section 5, compensation_pending_count
-- absent: a compensation that was settled; it is forgotten, so one that is enqueued again on a later day opens anew
with final as (
    select $dt::date as dt, env, compensation_id, enqueued_at
    from compensation_move
    where settled_at is null
)
select dt, env, compensation_id, enqueued_at from final order by dt, env, compensation_id
