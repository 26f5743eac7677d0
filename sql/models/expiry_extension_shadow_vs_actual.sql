-- expiry_extension_shadow_vs_actual: users whose expiry was extended in shadow, in earnest, or both, and how far apart.
-- grain: one row per (dt, env, reason), a reason that occurred or ALL      key: dt, env, reason
-- inputs: env_source, expiry_extension, metric_gap (dt = $dt)
-- source: docs/definitions.md section 5, expiry_extension_shadow_vs_actual; section 3, without events
-- absent: a reason that did not occur, and every reason where it is not computable; ALL has a row in every env
with users as (
    select env, reason, user_key, first_shadow_at, first_actual_at from expiry_extension
    union all
    select env, 'ALL' as reason, user_key, min(first_shadow_at) as first_shadow_at, min(first_actual_at) as first_actual_at
    from expiry_extension
    group by env, user_key
),
reasons as (
    select env, reason from users where reason <> 'ALL' group by env, reason
    union all
    select env, 'ALL' as reason from env_source
),
counts as (
    select
        reasons.env, reasons.reason,
        count(case when first_shadow_at is not null and first_actual_at is not null then 1 end) as in_both,
        count(case when first_shadow_at is not null and first_actual_at is null then 1 end) as shadow_only,
        count(case when first_shadow_at is null and first_actual_at is not null then 1 end) as actual_only,
        sum(epoch_us(first_actual_at) - epoch_us(first_shadow_at)) as microseconds_between
    from reasons
    left join users
        on reasons.env = users.env and reasons.reason = users.reason
    group by reasons.env, reasons.reason
),
judged as (
    select
        counts.*, metric_gap.reason as gap, env_source.follows_snapshots,
        case
            when metric_gap.reason is not null then 'not_computable'
            when in_both between 1 and $k - 1 or shadow_only between 1 and $k - 1 or actual_only between 1 and $k - 1 then 'suppressed'
            when in_both + shadow_only + actual_only = 0 then 'no_data'
            else 'ok'
        end as state
    from counts
    inner join env_source
        on counts.env = env_source.env
    left join metric_gap
        on counts.env = metric_gap.env and metric_gap.metric = 'expiry_extension_shadow_vs_actual'
    where metric_gap.reason is null or counts.reason = 'ALL'
),
final as (
    select
        $dt::date as dt, env, reason,
        case when state in ('ok', 'no_data') then in_both end::bigint as in_both,
        case when state in ('ok', 'no_data') then shadow_only end::bigint as shadow_only,
        case when state in ('ok', 'no_data') then actual_only end::bigint as actual_only,
        case
            when state = 'ok' and in_both > 0
                then sign(microseconds_between) * exact_ratio(abs(microseconds_between), in_both * 3600000000::hugeint)
        end::double as mean_hours,
        state,
        case
            when state = 'not_computable' then gap
            when state = 'suppressed' then 'k'
            when state = 'no_data' then 'no_rows'
            when state = 'ok' and follows_snapshots then 'from_snapshots'
        end as state_reason
    from judged
)
select dt, env, reason, in_both, shadow_only, actual_only, mean_hours, state, state_reason from final order by dt, env, reason
