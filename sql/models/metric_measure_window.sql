-- metric_measure_window: what the day's metrics over windows measure, for metric_daily to judge, beside metric_measure.
-- grain: one row per (dt, env, metric, period, vault_type, variant_id, segment, statistic)      key: the same
-- inputs: metrics_alerts, metrics_conversion, metrics_impressions (dt = $dt)
-- source: docs/definitions.md section 5
-- absent: what a view leaves out
with final as (
    select * from metrics_alerts
    union all
    select * from metrics_conversion
    union all
    select * from metrics_impressions
)
select
    dt, env, metric, part, period, vault_type, variant_id, segment, statistic, unit, is_fixed, numerator, denominator, value, sample_size,
    users, immature_windows, missing_days, ok_reason, no_data_reason
from final
order by dt, env, metric, period, vault_type, variant_id, segment, statistic
