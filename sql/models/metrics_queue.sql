-- metrics_queue: the depth of the dead letter queues as a step function over the day, for metric_daily to judge.
-- grain: one row per (dt, env, metric, period, vault_type, variant_id, segment, statistic)      key: the same
-- inputs: env_seen, events, queue_depth (dt = $dt), queue_depth of the extracted day before
-- source: docs/definitions.md section 5, dlq_size
-- absent: a queue without a sample that carries no depth into the day; ALL has its rows in every env. They are not about users
with
-- samples: one a queue and instant; what is carried in counts as none of the day
samples as (
    select env, queue, ts, max(depth) as depth, count(*) as samples
    from events
    where dt = $dt::date and event = 'DLQ_DEPTH_SAMPLED'
    group by env, queue, ts
    union all
    select env, queue, sampled_at as ts, depth, 0 as samples
    from queue_depth_before
    where sampled_at + interval '24' hour > $day_start::timestamp or sampled_at + interval '24' hour >= $day_end::timestamp
),
with_next as (
    select env, queue, ts, depth, samples, lead(ts) over (partition by env, queue order by ts nulls last) as next_ts
    from samples
),
-- spans: from when until when, within the day, a sample is the depth of its queue
spans as (
    select
        env, queue, depth, samples, greatest(ts, $day_start::timestamp) as starts_at,
        least(coalesce(next_ts, $day_end::timestamp), ts + interval '24' hour, $day_end::timestamp) as ends_at
    from with_next
),
changes as (
    select env, starts_at as ts, depth from spans where starts_at < ends_at
    union all
    select env, ends_at as ts, -depth as depth from spans where starts_at < ends_at
),
changes_per_instant as (
    select env, ts, sum(depth) as depth
    from changes
    group by env, ts
),
-- totals: the sum over the queues, from the instant on; where no queue has a depth it is 0, which is no maximum of others
totals as (
    select
        env,
        sum(depth) over (partition by env order by ts nulls last rows between unbounded preceding and current row) as depth
    from changes_per_instant
),
peaks as (
    select env, queue as segment, max(case when starts_at < ends_at then depth end) as depth from spans group by env, queue
    union all
    select env, 'ALL' as segment, max(depth) as depth from totals group by env
),
lasts as (
    select env, queue as segment, depth from queue_depth
    union all
    select env, 'ALL' as segment, sum(depth) as depth from queue_depth group by env
),
segments as (
    select env, queue as segment, false as is_fixed, sum(samples) as samples from spans group by env, queue
    union all
    select env_seen.env, 'ALL' as segment, true as is_fixed, coalesce(sum(spans.samples), 0) as samples
    from env_seen
    left join spans
        on env_seen.env = spans.env
    group by env_seen.env
),
depths as (
    select segments.env, segments.segment, segments.is_fixed, 'last' as statistic, lasts.depth, segments.samples
    from segments
    left join lasts
        on segments.env = lasts.env and segments.segment = lasts.segment
    union all
    select segments.env, segments.segment, segments.is_fixed, 'max' as statistic, peaks.depth, segments.samples
    from segments
    left join peaks
        on segments.env = peaks.env and segments.segment = peaks.segment
),
final as (
    select
        $dt::date as dt, env, 'dlq_size' as metric, 'ALL' as part, 'day' as period, 'ALL' as vault_type, 'ALL' as variant_id, segment,
        statistic, 'count' as unit, is_fixed,
        null::bigint as numerator,
        null::bigint as denominator,
        depth::double as value,
        case when depth is null then 0 else samples end::bigint as sample_size,
        null::bigint as users,
        0::bigint as immature_windows,
        0::bigint as missing_days,
        null::varchar as ok_reason,
        null::varchar as no_data_reason
    from depths
)
select
    dt, env, metric, part, period, vault_type, variant_id, segment, statistic, unit, is_fixed, numerator, denominator, value, sample_size,
    users, immature_windows, missing_days, ok_reason, no_data_reason
from final
