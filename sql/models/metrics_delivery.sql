-- metrics_delivery: how many notifications that were created on the day stand in each status, for metric_daily to judge.
-- grain: one row per (dt, env, metric, period, vault_type, variant_id, segment, statistic)      key: the same
-- inputs: env_seen, notifications_queue, metric_gap (dt = $dt)
-- source: docs/definitions.md section 5, alert_delivery
-- absent: an env that does not belong to the day yet, a status that did not occur, and a row without one. Only statuses have rows,
--     so ALL stands for them where the metric is not computable, and nowhere else: this is why the model looks at the gaps
with counts as (
    select
        env_seen.env, notifications_queue.status as segment, false as is_fixed, count(*) as notifications,
        count(distinct notifications_queue.user_key) as users
    from env_seen
    inner join notifications_queue
        on env_seen.env = notifications_queue.env
    where notifications_queue.status is not null
    group by env_seen.env, notifications_queue.status
    union all
    select env, 'ALL' as segment, true as is_fixed, null as notifications, null as users
    from metric_gap
    where metric = 'alert_delivery'
),
final as (
    select
        $dt::date as dt, env, 'alert_delivery' as metric, 'ALL' as part, 'day' as period, 'ALL' as vault_type, 'ALL' as variant_id,
        segment, 'count' as statistic, 'count' as unit, is_fixed,
        null::bigint as numerator,
        null::bigint as denominator,
        notifications::double as value,
        notifications::bigint as sample_size,
        users::bigint as users,
        0::bigint as immature_windows,
        0::bigint as missing_days,
        null::varchar as ok_reason,
        null::varchar as no_data_reason
    from counts
)
select
    dt, env, metric, part, period, vault_type, variant_id, segment, statistic, unit, is_fixed, numerator, denominator, value, sample_size,
    users, immature_windows, missing_days, ok_reason, no_data_reason
from final
