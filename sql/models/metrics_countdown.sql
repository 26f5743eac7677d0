-- metrics_countdown: the vaults that expire on one of the next days, or should have, for metric_daily to judge.
-- grain: one row per (dt, env, metric, period, vault_type, variant_id, segment, statistic)      key: the same
-- inputs: env_source, vault_state (dt = $dt)
-- source: docs/definitions.md section 5, countdown
-- absent: a vault without an expiry, or with a later one, is in no segment
with segments as (
    select segment from (values ('D-2'), ('D-1'), ('D0'), ('overdue')) as named(segment)
),
vault_types as (
    select vault_type from (values ('GOLD'), ('PLATINUM'), ('DIAMOND'), ('ALL')) as types(vault_type)
),
-- the report is read on the day after $dt: D0 is that day
expiring as (
    select
        env, user_key, vault_type,
        case
            when expires_at < $day_end::timestamp then 'overdue'
            when expires_at < $start_of_day_2::timestamp then 'D0'
            when expires_at < $start_of_day_3::timestamp then 'D-1'
            else 'D-2'
        end as segment
    from vault_state
    where status in ('LOCKED', 'UNLOCKED') and expires_at < $start_of_day_4::timestamp
),
-- a user has one vault of a type: of a type both numbers are the same, and ALL counts users
counts as (
    select env, coalesce(vault_type, 'ALL') as vault_type, segment, count(distinct user_key) as users
    from expiring
    group by grouping sets ((env, vault_type, segment), (env, segment))
),
final as (
    select
        $dt::date as dt, env_source.env, 'countdown' as metric, 'ALL' as part, 'day' as period, vault_types.vault_type,
        'ALL' as variant_id, segments.segment, 'count' as statistic, 'count' as unit, true as is_fixed,
        null::bigint as numerator,
        null::bigint as denominator,
        coalesce(counts.users, 0)::double as value,
        coalesce(counts.users, 0)::bigint as sample_size,
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
