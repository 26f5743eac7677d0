-- metrics_vault_quality: transitions that are not allowed and states that differ from the snapshot, for metric_daily to judge.
-- grain: one row per (dt, env, metric, period, vault_type, variant_id, segment, statistic)      key: the same
-- inputs: vault_daily (dt = $dt)
-- source: docs/definitions.md section 5, data quality; section 3
-- absent: nothing; every env of the day has every row. They are not about users, so users is NULL
with counts as (
    select env, vault_type, 'vault_invalid_transition_count' as metric, invalid_transitions as counted from vault_daily
    union all
    select env, vault_type, 'vault_state_drift_count' as metric, drift as counted from vault_daily
),
final as (
    select
        $dt::date as dt, env, metric, 'ALL' as part, 'day' as period, vault_type, 'ALL' as variant_id, 'ALL' as segment,
        'count' as statistic, 'count' as unit, true as is_fixed,
        null::bigint as numerator,
        null::bigint as denominator,
        counted::double as value,
        counted::bigint as sample_size,
        null::bigint as users,
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
