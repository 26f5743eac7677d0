-- compensation_move: the compensations that the day began with or that were enqueued on it, and when they were settled.
-- grain: one row per (dt, env, compensation_id)      key: dt, env, compensation_id
-- inputs: events (dt = $dt), compensation_open of the extracted day before
-- source: docs/definitions.md section 5, compensation_pending_count
-- absent: a compensation that was settled without being enqueued, or before
with enqueueings as (
    select env, compensation_id, enqueued_at from compensation_open_before
    union all
    select env, compensation_id, ts as enqueued_at
    from events
    where dt = $dt::date and event = 'COMPENSATION_ENQUEUED'
),
enqueued as (
    select env, compensation_id, min(enqueued_at) as enqueued_at
    from enqueueings
    group by env, compensation_id
),
settlements as (
    select env, compensation_id, ts as settled_at
    from events
    where dt = $dt::date and event = 'COMPENSATION_RETRIED' and outcome in ('success', 'gave_up')
),
final as (
    select
        $dt::date as dt, enqueued.env, enqueued.compensation_id, enqueued.enqueued_at, min(settlements.settled_at) as settled_at
    from enqueued
    left join settlements
        on enqueued.env = settlements.env
        and enqueued.compensation_id = settlements.compensation_id
        and enqueued.enqueued_at <= settlements.settled_at
    group by enqueued.env, enqueued.compensation_id, enqueued.enqueued_at
)
select dt, env, compensation_id, enqueued_at, settled_at from final order by dt, env, compensation_id
