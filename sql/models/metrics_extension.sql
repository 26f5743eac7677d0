-- metrics_extension: how many extensions of expiries were computed in shadow and made, for metric_daily to judge.
-- grain: one row per (dt, env, metric, period, vault_type, variant_id, segment, statistic)      key: the same
-- inputs: env_source, expiry_extension (dt = $dt)
-- source: docs/definitions.md section 5, extend_expiry_applied_count; section 3, without events
-- absent: a reason that did not occur; shadow and actual have a row in every env
with extensions as (
    select env, 'shadow' as kind, reason, user_key, shadow_extensions as extensions from expiry_extension where shadow_extensions > 0
    union all
    select env, 'actual' as kind, reason, user_key, actual_extensions as extensions from expiry_extension where actual_extensions > 0
),
kinds as (
    select env_source.env, kind.kind
    from env_source
    cross join (values ('shadow'), ('actual')) as kind(kind)
),
counts as (
    select env, kind || ':' || reason as segment, false as is_fixed, sum(extensions) as extensions, count(*) as users
    from extensions
    group by env, kind, reason
    union all
    select
        kinds.env, kinds.kind as segment, true as is_fixed, coalesce(sum(extensions.extensions), 0) as extensions,
        count(distinct extensions.user_key) as users
    from kinds
    left join extensions
        on kinds.env = extensions.env and kinds.kind = extensions.kind
    group by kinds.env, kinds.kind
),
final as (
    select
        $dt::date as dt, counts.env, 'extend_expiry_applied_count' as metric, 'ALL' as part, 'day' as period, 'ALL' as vault_type,
        'ALL' as variant_id, counts.segment, 'count' as statistic, 'count' as unit, counts.is_fixed,
        null::bigint as numerator,
        null::bigint as denominator,
        counts.extensions::double as value,
        counts.extensions::bigint as sample_size,
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
