-- queue_depth: the depth of each dead letter queue just before the end of the day, which the next day begins with.
-- grain: one row per (dt, env, queue) with a depth then      key: dt, env, queue
-- inputs: events (dt = $dt), queue_depth of the extracted day before
-- source: docs/definitions.md section 5, dlq_size
-- absent: a queue whose latest sample is older than 24 hours; a gap of days ages a sample by the time that passed
with samples as (
    select env, queue, ts as sampled_at, max(depth) as depth
    from events
    where dt = $dt::date and event = 'DLQ_DEPTH_SAMPLED'
    group by env, queue, ts
    union all
    select env, queue, sampled_at, depth from queue_depth_before
),
newest_first as (
    select
        env, queue, sampled_at, depth, row_number() over (partition by env, queue order by sampled_at desc nulls last) as place
    from samples
),
final as (
    select $dt::date as dt, env, queue, sampled_at, depth
    from newest_first
    where place = 1 and sampled_at >= $day_end::timestamp - interval '24' hour
)
select dt, env, queue, sampled_at, depth from final order by dt, env, queue
