-- vault_move: what one business day did to every vault, by its events and then by its snapshot.
-- grain: one row per (dt, env, user_key, vault_type) of which either says something      key: dt, env, user_key, vault_type
-- inputs: vault_move_by_event, vault_move_by_snapshot (dt = $dt)
-- source: docs/definitions.md section 3
-- absent: a vault that stays as it is has no row
with final as (
    select
        $dt::date as dt,
        coalesce(by_event.env, by_snapshot.env) as env,
        coalesce(by_event.user_key, by_snapshot.user_key) as user_key,
        coalesce(by_event.vault_type, by_snapshot.vault_type) as vault_type,
        case when by_event.status is null then 'snapshot' else 'event' end as origin,
        coalesce(by_event.is_new, by_snapshot.is_new) as is_new,
        coalesce(by_event.status_before, by_snapshot.status_before) as status_before,
        coalesce(by_snapshot.status, by_event.status) as status,
        coalesce(by_event.entered, by_snapshot.entered) as entered,
        case when by_snapshot.status is null then by_event.expires_at else by_snapshot.expires_at end as expires_at,
        by_event.unlocked_at is not null or coalesce(by_snapshot.unlocked, false) as unlocked,
        by_event.claimed_at is not null or coalesce(by_snapshot.claimed, false) as claimed,
        by_event.expired_at is not null or coalesce(by_snapshot.expired, false) as expired,
        by_event.unlocked_at,
        by_event.claimed_at,
        by_event.expired_at,
        coalesce(by_event.reopenings, case when by_snapshot.reopened then 1 else 0 end)::bigint as reopenings,
        coalesce(by_event.invalid_transitions, 0)::bigint as invalid_transitions,
        coalesce(by_snapshot.drifts, false) as drifts
    from vault_move_by_event as by_event
    full outer join vault_move_by_snapshot as by_snapshot
        on by_event.env = by_snapshot.env
        and by_event.user_key = by_snapshot.user_key
        and by_event.vault_type = by_snapshot.vault_type
)
select
    dt, env, user_key, vault_type, origin, is_new, status_before, status, entered, expires_at, unlocked, claimed, expired, unlocked_at,
    claimed_at, expired_at, reopenings, invalid_transitions, drifts
from final
order by dt, env, user_key, vault_type
