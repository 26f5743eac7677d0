-- metrics_alerts: alerts, and the clicks and claims that follow them, for metric_daily to judge.
-- grain: one row per (dt, env, metric, period, vault_type, variant_id, segment, statistic)      key: the same
-- inputs: env_seen, alert_daily (dt = $dt)
-- source: docs/definitions.md section 5, alert_*
-- absent: BONUS, untyped and variants without an alert on the day; the three types and ALL have 0
with fixed_splits as (
    select env_seen.env, fixed.vault_type, 'ALL' as variant_id
    from env_seen
    cross join (values ('ALL'), ('GOLD'), ('PLATINUM'), ('DIAMOND')) as fixed(vault_type)
),
splits as (
    select env, vault_type, variant_id from fixed_splits
    union
    select env, vault_type, variant_id from alert_daily
),
alerts as (
    select
        splits.env, splits.vault_type, splits.variant_id,
        fixed_splits.env is not null as is_fixed,
        coalesce(alert_daily.alerts, 0) as alerts,
        coalesce(alert_daily.users, 0) as users,
        coalesce(alert_daily.mature_alerts, 0) as mature_alerts,
        coalesce(alert_daily.mature_users, 0) as mature_users,
        coalesce(alert_daily.clicked_alerts, 0) as clicked_alerts,
        coalesce(alert_daily.claimed_alerts, 0) as claimed_alerts
    from splits
    left join fixed_splits
        on splits.env = fixed_splits.env and splits.vault_type = fixed_splits.vault_type and splits.variant_id = fixed_splits.variant_id
    left join alert_daily
        on splits.env = alert_daily.env and splits.vault_type = alert_daily.vault_type and splits.variant_id = alert_daily.variant_id
),
measured as (
    select
        env, 'alert_sent_count' as metric, vault_type, variant_id, 'count' as statistic, 'count' as unit, is_fixed,
        null as numerator, null as denominator, alerts as value, alerts as sample_size, users, 0 as immature_windows
    from alerts
    union all
    select
        env, 'alert_click_rate', vault_type, variant_id, 'rate', 'ratio', is_fixed,
        clicked_alerts, mature_alerts, null, mature_alerts, mature_users, alerts - mature_alerts
    from alerts
    where vault_type = 'ALL'
    union all
    select
        env, 'alert_claim_within_24h', vault_type, variant_id, 'rate', 'ratio', is_fixed,
        claimed_alerts, mature_alerts, null, mature_alerts, mature_users, alerts - mature_alerts
    from alerts
    where variant_id = 'ALL'
    union all
    select
        env, 'alert_claim_rate_by_variant', vault_type, variant_id, 'rate', 'ratio', is_fixed,
        claimed_alerts, mature_alerts, null, mature_alerts, mature_users, alerts - mature_alerts
    from alerts
    where vault_type = 'ALL'
),
final as (
    select
        $dt::date as dt, env, metric, 'ALL' as part, 'day' as period, vault_type, variant_id, 'ALL' as segment, statistic, unit, is_fixed,
        numerator::bigint as numerator,
        denominator::bigint as denominator,
        value::double as value,
        sample_size::bigint as sample_size,
        users::bigint as users,
        immature_windows::bigint as immature_windows,
        0::bigint as missing_days,
        null::varchar as ok_reason,
        null::varchar as no_data_reason
    from measured
)
select
    dt, env, metric, part, period, vault_type, variant_id, segment, statistic, unit, is_fixed, numerator, denominator, value, sample_size,
    users, immature_windows, missing_days, ok_reason, no_data_reason
from final
