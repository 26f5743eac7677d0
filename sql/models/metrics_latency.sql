-- metrics_latency: quantiles of the latency of enqueueing a notification, for metric_daily to judge.
-- grain: one row per (dt, env, metric, period, vault_type, variant_id, segment, statistic)      key: the same
-- inputs: env_seen, notify_latency_frequency (dt = $dt)
-- source: docs/definitions.md section 5, quantiles, notify_enqueue_latency
-- absent: nothing; every env of the day has every row. They are not about users, so users is NULL
with
-- frequencies: with the number of notifications up to the latency, and that of all
frequencies as (
    select
        env, latency_ms,
        sum(enqueued) over (
            partition by env order by latency_ms nulls last rows between unbounded preceding and current row
        ) as enqueued_up_to,
        sum(enqueued) over (partition by env) as all_enqueued
    from notify_latency_frequency
),
-- a quantile a/b of n sorted values lies at (n - 1) * a / b, counted from 0; the greatest value is the quantile 1/1
quantiles as (
    select statistic, a, b from (values ('p50', 1, 2), ('p95', 19, 20), ('max', 1, 1)) as quantile(statistic, a, b)
),
-- neighbours: the values at the whole number below a quantile's place and at the next one (NULL behind the last)
neighbours as (
    select
        env_seen.env, quantiles.statistic, quantiles.b, max(all_enqueued) as all_enqueued,
        max((all_enqueued - 1) * a % b) as part,
        min(case when enqueued_up_to > (all_enqueued - 1) * a // b then latency_ms end)::hugeint as low,
        min(case when enqueued_up_to > (all_enqueued - 1) * a // b + 1 then latency_ms end)::hugeint as high
    from env_seen
    cross join quantiles
    left join frequencies
        on env_seen.env = frequencies.env
    group by env_seen.env, quantiles.statistic, quantiles.b
),
final as (
    select
        $dt::date as dt, env, 'notify_enqueue_latency' as metric, 'ALL' as part, 'day' as period, 'ALL' as vault_type,
        'ALL' as variant_id, 'ALL' as segment, statistic, 'ms' as unit, true as is_fixed,
        null::bigint as numerator,
        null::bigint as denominator,
        exact_ratio(b * low + part * (coalesce(high, low) - low), b) as value,
        coalesce(all_enqueued, 0)::bigint as sample_size,
        null::bigint as users,
        0::bigint as immature_windows,
        0::bigint as missing_days,
        null::varchar as ok_reason,
        null::varchar as no_data_reason
    from neighbours
)
select
    dt, env, metric, part, period, vault_type, variant_id, segment, statistic, unit, is_fixed, numerator, denominator, value, sample_size,
    users, immature_windows, missing_days, ok_reason, no_data_reason
from final
