-- vault_move_by_snapshot: what the day's snapshot says of a vault that its state after the day's events does not say.
-- grain: one row per (dt, env, user_key, vault_type) about which it says more      key: dt, env, user_key, vault_type
-- inputs: vault_status, env_source, vault_move_by_event (dt = $dt), vault_state of the extracted day before
-- source: docs/definitions.md section 3
-- absent: a NULL status says nothing about its vault; where state and snapshot agree, which is almost everywhere, is no row
with vault_types as (
    select vault_type from (values ('GOLD'), ('PLATINUM'), ('DIAMOND')) as types(vault_type)
),
statuses as (
    select
        vault_status.env, vault_status.user_key, vault_types.vault_type, vault_status.expires_at,
        case vault_types.vault_type
            when 'GOLD' then vault_status.gold_status
            when 'PLATINUM' then vault_status.platinum_status
            else vault_status.diamond_status
        end as status
    from vault_status
    cross join vault_types
),
snapshot as (
    select
        statuses.env, statuses.user_key, statuses.vault_type, statuses.expires_at,
        case statuses.status when 'ACTIVE' then 'LOCKED' else statuses.status end as status,
        env_source.is_first_day, env_source.follows_snapshots
    from statuses
    inner join env_source
        on statuses.env = env_source.env
    where statuses.status is not null
),
-- what is known of the vault once the day's events are applied; an unknown one has no status
snapshot_and_state as (
    select
        snapshot.env, snapshot.user_key, snapshot.vault_type, snapshot.status as snapshot_status,
        snapshot.expires_at as snapshot_expires_at, snapshot.is_first_day, snapshot.follows_snapshots,
        coalesce(moved.status, known.status) as status,
        case when moved.status is null then known.expires_at else moved.expires_at end as expires_at,
        case when moved.entered or known.status is null then $dt::date else known.status_dt end as status_dt
    from snapshot
    left join vault_state_before as known
        on snapshot.env = known.env and snapshot.user_key = known.user_key and snapshot.vault_type = known.vault_type
    left join vault_move_by_event as moved
        on snapshot.env = moved.env and snapshot.user_key = moved.user_key and snapshot.vault_type = moved.vault_type
),
judged as (
    select
        env, user_key, vault_type, snapshot_status, snapshot_expires_at, status, expires_at, follows_snapshots,
        status is null as is_new,
        status is null and (is_first_day or snapshot_status in ('LOCKED', 'UNLOCKED')) as becomes_known,
        coalesce(follows_snapshots and snapshot_status <> status, false) as changes,
        status is not null and (
            (expires_at is null and snapshot_expires_at is not null)
            or (follows_snapshots and expires_at is not null and (snapshot_expires_at is null or snapshot_expires_at <> expires_at))
        ) as moves_expiry,
        -- a vault that leaves on the day has no status at its end
        coalesce(
            not follows_snapshots
            and snapshot_status <> status
            and (status in ('LOCKED', 'UNLOCKED') or vr_days_between(status_dt, $dt::date) < $retire_after),
            false
        ) as drifts
    from snapshot_and_state
),
final as (
    select
        $dt::date as dt, env, user_key, vault_type, is_new,
        coalesce(status, 'LOCKED') as status_before,
        case when becomes_known or changes then snapshot_status else status end as status,
        changes as entered,
        case when becomes_known or moves_expiry or changes then snapshot_expires_at else expires_at end as expires_at,
        changes and snapshot_status = 'UNLOCKED' and status <> 'EXPIRED' as unlocked,
        changes and snapshot_status = 'CLAIMED' as claimed,
        changes and snapshot_status = 'EXPIRED' as expired,
        changes and snapshot_status = 'UNLOCKED' and status = 'EXPIRED' as reopened,
        drifts
    from judged
    where becomes_known or changes or moves_expiry or drifts
)
select
    dt, env, user_key, vault_type, is_new, status_before, status, entered, expires_at, unlocked, claimed, expired, reopened, drifts
from final
order by dt, env, user_key, vault_type
