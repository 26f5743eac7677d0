-- vault_state: every known vault at the end of the day.
-- grain: one row per (dt, env, user_key, vault_type)      key: dt, env, user_key, vault_type
-- inputs: vault_state of the extracted day before, vault_move (dt = $dt)
-- source: docs/definitions.md section 3
-- absent: a vault that entered its present CLAIMED or EXPIRED $retire_after days ago or earlier has left
with vaults as (
    select
        coalesce(known.env, move.env) as env,
        coalesce(known.user_key, move.user_key) as user_key,
        coalesce(known.vault_type, move.vault_type) as vault_type,
        coalesce(move.status, known.status) as status,
        case when move.status is null then known.expires_at else move.expires_at end as expires_at,
        coalesce(known.origin, move.origin) as origin,
        coalesce(known.first_dt, $dt::date) as first_dt,
        coalesce(move.unlocked_at, known.unlocked_at) as unlocked_at,
        coalesce(move.claimed_at, known.claimed_at) as claimed_at,
        coalesce(move.expired_at, known.expired_at) as expired_at,
        coalesce(known.reopened_count, 0) + coalesce(move.reopenings, 0) as reopened_count,
        coalesce(move.invalid_transitions, 0) as invalid_transitions,
        case when known.status is null or move.entered then $dt::date else known.status_dt end as status_dt
    from vault_state_before as known
    full outer join vault_move as move
        on known.env = move.env and known.user_key = move.user_key and known.vault_type = move.vault_type
),
final as (
    select
        $dt::date as dt, env, user_key, vault_type, status, expires_at, origin, first_dt, unlocked_at, claimed_at, expired_at,
        reopened_count::bigint as reopened_count, invalid_transitions::bigint as invalid_transitions, status_dt
    from vaults
    where status in ('LOCKED', 'UNLOCKED') or vr_days_between(status_dt, $dt::date) < $retire_after
)
select
    dt, env, user_key, vault_type, status, expires_at, origin, first_dt, unlocked_at, claimed_at, expired_at, reopened_count,
    invalid_transitions, status_dt
from final
order by dt, env, user_key, vault_type
