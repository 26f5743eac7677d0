-- metrics_conversion: how many of the unlocked vaults are claimed, and how many expire, for metric_daily to judge.
-- grain: one row per (dt, env, metric, period, vault_type, variant_id, segment, statistic)      key: the same
-- inputs: env_seen, unlock_daily (dt = $dt)
-- source: docs/definitions.md section 5, vault_unlock_conversion
-- absent: nothing; every env of the day has every row
with splits as (
    select env_seen.env, fixed.vault_type
    from env_seen
    cross join (values ('ALL'), ('GOLD'), ('PLATINUM'), ('DIAMOND')) as fixed(vault_type)
),
unlocks as (
    select
        splits.env, splits.vault_type,
        coalesce(unlock_daily.vaults, 0) as vaults,
        coalesce(unlock_daily.mature_vaults, 0) as mature_vaults,
        coalesce(unlock_daily.mature_users, 0) as mature_users,
        coalesce(unlock_daily.claimed_vaults, 0) as claimed_vaults,
        coalesce(unlock_daily.expired_vaults, 0) as expired_vaults
    from splits
    left join unlock_daily
        on splits.env = unlock_daily.env and splits.vault_type = unlock_daily.vault_type
),
conversions as (
    select env, vault_type, 'claimed_7d' as segment, claimed_vaults as converted_vaults, vaults, mature_vaults, mature_users from unlocks
    union all
    select env, vault_type, 'expired_7d', expired_vaults, vaults, mature_vaults, mature_users from unlocks
),
final as (
    select
        $dt::date as dt, env, 'vault_unlock_conversion' as metric, segment as part, 'day' as period, vault_type, 'ALL' as variant_id, segment,
        'rate' as statistic, 'ratio' as unit, true as is_fixed,
        converted_vaults::bigint as numerator,
        mature_vaults::bigint as denominator,
        null::double as value,
        mature_vaults::bigint as sample_size,
        mature_users::bigint as users,
        (vaults - mature_vaults)::bigint as immature_windows,
        0::bigint as missing_days,
        null::varchar as ok_reason,
        null::varchar as no_data_reason
    from conversions
)
select
    dt, env, metric, part, period, vault_type, variant_id, segment, statistic, unit, is_fixed, numerator, denominator, value, sample_size,
    users, immature_windows, missing_days, ok_reason, no_data_reason
from final
