-- metrics_vault_funnel: how many vaults have which status at the end of the day, for metric_daily to judge.
-- grain: one row per (dt, env, metric, period, vault_type, variant_id, segment, statistic)      key: the same
-- inputs: env_source, vault_state (dt = $dt)
-- source: docs/definitions.md section 5, vault_funnel
-- absent: nothing; every env of the day has every row
with segments as (
    select segment from (values ('LOCKED'), ('UNLOCKED'), ('CLAIMED'), ('EXPIRED')) as named(segment)
),
vault_types as (
    select vault_type from (values ('GOLD'), ('PLATINUM'), ('DIAMOND'), ('ALL')) as types(vault_type)
),
-- the value of ALL counts vaults, as vault_daily does; the users behind it are fewer
counts as (
    select
        env, coalesce(vault_type, 'ALL') as vault_type, status as segment,
        count(*) as vaults,
        count(distinct user_key) as users
    from vault_state
    group by grouping sets ((env, vault_type, status), (env, status))
),
final as (
    select
        $dt::date as dt, env_source.env, 'vault_funnel' as metric, 'ALL' as part, 'day' as period, vault_types.vault_type,
        'ALL' as variant_id, segments.segment, 'count' as statistic, 'count' as unit, true as is_fixed,
        null::bigint as numerator,
        null::bigint as denominator,
        coalesce(counts.vaults, 0)::double as value,
        coalesce(counts.vaults, 0)::bigint as sample_size,
        coalesce(counts.users, 0)::bigint as users,
        0::bigint as immature_windows,
        0::bigint as missing_days,
        case when env_source.follows_snapshots then 'from_snapshots' end as ok_reason,
        null::varchar as no_data_reason
    from env_source
    cross join vault_types
    cross join segments
    left join counts
        on env_source.env = counts.env and vault_types.vault_type = counts.vault_type and segments.segment = counts.segment
)
select
    dt, env, metric, part, period, vault_type, variant_id, segment, statistic, unit, is_fixed, numerator, denominator, value, sample_size,
    users, immature_windows, missing_days, ok_reason, no_data_reason
from final
