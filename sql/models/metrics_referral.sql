-- metrics_referral: how many vaults were revived by a referral, for metric_daily to judge.
-- grain: one row per (dt, env, metric, period, vault_type, variant_id, segment, statistic)      key: the same
-- inputs: env_source, events, vault_expiry_extension_log (dt = $dt)
-- source: docs/definitions.md section 5, referral_revive_success_count; section 3, without events
-- absent: BONUS where it did not occur; the three types, untyped and ALL have a row in every env
with revivals as (
    select events.env, coalesce(events.vault_type, 'untyped') as vault_type, events.user_key
    from events
    inner join env_source
        on events.env = env_source.env and not env_source.follows_snapshots
    where events.dt = $dt::date and events.event = 'REFERRAL_REVIVED'
    union all
    select log.env, 'untyped' as vault_type, log.user_key
    from vault_expiry_extension_log as log
    inner join env_source
        on log.env = env_source.env and env_source.follows_snapshots
    where log.user_key is not null and log.reason = 'REFERRAL' and not log.shadow
),
vault_types as (
    select env_source.env, fixed.vault_type, true as is_fixed
    from env_source
    cross join (values ('GOLD'), ('PLATINUM'), ('DIAMOND'), ('untyped')) as fixed(vault_type)
    union all
    select env, vault_type, false as is_fixed from revivals where vault_type = 'BONUS' group by env, vault_type
),
counts as (
    select
        vault_types.env, vault_types.vault_type, vault_types.is_fixed, count(revivals.vault_type) as revivals,
        count(distinct revivals.user_key) as users
    from vault_types
    left join revivals
        on vault_types.env = revivals.env and vault_types.vault_type = revivals.vault_type
    group by vault_types.env, vault_types.vault_type, vault_types.is_fixed
    union all
    select
        env_source.env, 'ALL' as vault_type, true as is_fixed, count(revivals.vault_type) as revivals,
        count(distinct revivals.user_key) as users
    from env_source
    left join revivals
        on env_source.env = revivals.env
    group by env_source.env
),
final as (
    select
        $dt::date as dt, counts.env, 'referral_revive_success_count' as metric, 'ALL' as part, 'day' as period, counts.vault_type,
        'ALL' as variant_id, 'ALL' as segment, 'count' as statistic, 'count' as unit, counts.is_fixed,
        null::bigint as numerator,
        null::bigint as denominator,
        counts.revivals::double as value,
        counts.revivals::bigint as sample_size,
        counts.users::bigint as users,
        0::bigint as immature_windows,
        0::bigint as missing_days,
        case when env_source.follows_snapshots then 'from_snapshots' end as ok_reason,
        null::varchar as no_data_reason
    from counts
    inner join env_source
        on counts.env = env_source.env
)
select
    dt, env, metric, part, period, vault_type, variant_id, segment, statistic, unit, is_fixed, numerator, denominator, value, sample_size,
    users, immature_windows, missing_days, ok_reason, no_data_reason
from final
