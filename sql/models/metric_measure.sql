-- metric_measure: what the metrics of the day measure, for metric_daily to judge: views metrics_* one after the other. Those over
--     windows, which later days complete, are in metric_measure_window: no other need be measured again then.
-- grain: one row per (dt, env, metric, period, vault_type, variant_id, segment, statistic)      key: the same
-- inputs: metrics_* but alerts, conversion and impressions (dt = $dt)
-- source: docs/definitions.md section 5
-- absent: what a view leaves out
with final as (
    select * from metrics_added
    union all
    select * from metrics_batch
    union all
    select * from metrics_compensation
    union all
    select * from metrics_countdown
    union all
    select * from metrics_data_quality
    union all
    select * from metrics_delivery
    union all
    select * from metrics_extension
    union all
    select * from metrics_latency
    union all
    select * from metrics_progress
    union all
    select * from metrics_queue
    union all
    select * from metrics_referral
    union all
    select * from metrics_vault_funnel
    union all
    select * from metrics_vault_quality
    union all
    select * from metrics_vault_rates
)
select
    dt, env, metric, part, period, vault_type, variant_id, segment, statistic, unit, is_fixed, numerator, denominator, value, sample_size,
    users, immature_windows, missing_days, ok_reason, no_data_reason
from final
order by dt, env, metric, period, vault_type, variant_id, segment, statistic
