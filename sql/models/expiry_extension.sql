-- expiry_extension: whose expiry was extended on the day, how often and when first, in shadow and in earnest.
-- grain: one row per (dt, env, reason, user_key) with an extension      key: dt, env, reason, user_key
-- inputs: env_source, events, vault_expiry_extension_log (dt = $dt)
-- source: docs/definitions.md section 5, extend_expiry_applied_count and expiry_extension_shadow_vs_actual; section 3, without events
-- absent: without events, a referral, and a row of the log that does not say its user, its reason or whether it is a shadow
with extensions as (
    select events.env, events.user_key, events.extension_reason as reason, events.shadow, events.ts as extended_at
    from events
    inner join env_source
        on events.env = env_source.env and not env_source.follows_snapshots
    where events.dt = $dt::date and events.event = 'EXPIRY_EXTENDED'
    union all
    select log.env, log.user_key, log.reason, log.shadow, log.created_at as extended_at
    from vault_expiry_extension_log as log
    inner join env_source
        on log.env = env_source.env and env_source.follows_snapshots
    where log.user_key is not null and (log.shadow or log.reason <> 'REFERRAL')
),
final as (
    select
        $dt::date as dt, env, reason, user_key,
        count(case when shadow then 1 end)::bigint as shadow_extensions,
        count(case when not shadow then 1 end)::bigint as actual_extensions,
        min(case when shadow then extended_at end) as first_shadow_at,
        min(case when not shadow then extended_at end) as first_actual_at
    from extensions
    where reason is not null and shadow is not null
    group by env, reason, user_key
)
select dt, env, reason, user_key, shadow_extensions, actual_extensions, first_shadow_at, first_actual_at
from final
order by dt, env, reason, user_key
