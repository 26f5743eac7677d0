-- notify_latency_frequency: how many notifications were enqueued with each latency.
-- grain: one row per (dt, env, latency_ms)      key: dt, env, latency_ms      inputs: events (dt = $dt)
-- source: docs/definitions.md section 5, notify_enqueue_latency
-- absent: a latency that no notification had
with final as (
    select $dt::date as dt, env, latency_ms, count(*)::bigint as enqueued
    from events
    where dt = $dt::date and event = 'NOTIFY_ENQUEUED'
    group by env, latency_ms
)
select dt, env, latency_ms, enqueued from final order by dt, env, latency_ms
