-- queue_peak: the depth of each dead letter queue at the first instant at which their sum was greatest.
-- rows: one per queue with a depth then      adds up: value
-- source: docs/definitions.md section 5, dlq_size
with samples as (
    select queue, ts, max(depth) as depth
    from events
    where dt = $dt::date and env = $env and event = 'DLQ_DEPTH_SAMPLED' and ($segment = 'ALL' or queue = $segment)
    group by queue, ts
    union all
    select queue, sampled_at as ts, depth
    from queue_depth_before
    where env = $env and ($segment = 'ALL' or queue = $segment)
        and (sampled_at + interval '24' hour > $day_start::timestamp or sampled_at + interval '24' hour >= $day_end::timestamp)
),
with_next as (
    select queue, ts, depth, lead(ts) over (partition by queue order by ts) as next_ts from samples
),
-- spans: from when until when, within the day, a sample is the depth of its queue
spans as (
    select
        queue, ts as sampled_at, depth, greatest(ts, $day_start::timestamp) as starts_at,
        least(coalesce(next_ts, $day_end::timestamp), ts + interval '24' hour, $day_end::timestamp) as ends_at
    from with_next
),
changes as (
    select starts_at as ts, depth from spans where starts_at < ends_at
    union all
    select ends_at as ts, -depth as depth from spans where starts_at < ends_at
),
totals as (
    select ts, sum(sum(depth)) over (order by ts rows between unbounded preceding and current row) as depth
    from changes
    group by ts
),
peak as (
    select ts as peak_at from totals order by depth desc, ts limit 1
)
select peak.peak_at, spans.queue, spans.sampled_at, spans.depth as value
from spans
cross join peak
where spans.starts_at <= peak.peak_at and peak.peak_at < spans.ends_at
order by spans.queue
