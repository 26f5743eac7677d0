-- A vault of the snapshot is known, what the snapshot made known is as the snapshot says, an empty expiry is filled, an env
-- without events is its snapshot, and every difference that is left is counted as drift.
with vault_types as (
    select vault_type from (values ('GOLD'), ('PLATINUM'), ('DIAMOND')) as types(vault_type)
),
statuses as (
    select
        vault_status.day, vault_status.env, vault_status.user_key, vault_types.vault_type, vault_status.expires_at,
        case vault_types.vault_type
            when 'GOLD' then vault_status.gold_status
            when 'PLATINUM' then vault_status.platinum_status
            else vault_status.diamond_status
        end as status
    from vault_status
    cross join vault_types
),
snapshot as (
    select day, env, user_key, vault_type, case status when 'ACTIVE' then 'LOCKED' else status end as status, expires_at
    from statuses
    where status is not null
),
met as (
    select
        snapshot.day, snapshot.env, snapshot.vault_type, snapshot.status as snapshot_status,
        snapshot.expires_at as snapshot_expires_at, vault_state.status, vault_state.expires_at, vault_state_before.status as status_before,
        vault_state.origin = 'snapshot' and vault_state.first_dt = snapshot.day as is_new, env_source.is_first_day,
        env_source.follows_snapshots
    from snapshot
    inner join env_source
        on snapshot.day = env_source.day and snapshot.env = env_source.env
    left join vault_state
        on snapshot.day = vault_state.day
        and snapshot.env = vault_state.env
        and snapshot.user_key = vault_state.user_key
        and snapshot.vault_type = vault_state.vault_type
    left join vault_state_before
        on snapshot.day = vault_state_before.day
        and snapshot.env = vault_state_before.env
        and snapshot.user_key = vault_state_before.user_key
        and snapshot.vault_type = vault_state_before.vault_type
),
differences as (
    select day, env, coalesce(vault_type, 'ALL') as vault_type, count(case when status <> snapshot_status then 1 end) as vaults
    from met
    group by grouping sets ((day, env, vault_type), (day, env))
),
drift_of_the_day as (
    select vault_daily.day, vault_daily.env, vault_daily.vault_type, vault_daily.drift, env_source.has_snapshot
    from vault_daily
    inner join env_source
        on vault_daily.day = env_source.day and vault_daily.env = env_source.env
)
select day, env, vault_type, 'it is not known' as fault
from met
where status is null and status_before is null and (is_first_day or snapshot_status in ('LOCKED', 'UNLOCKED'))
union all
select day, env, vault_type, 'it is not what made it known'
from met
where is_new and (status <> snapshot_status or (status in ('CLAIMED', 'EXPIRED') and not is_first_day))
union all
select day, env, vault_type, 'its expiry is not filled'
from met
where status is not null and expires_at is null and snapshot_expires_at is not null
union all
select day, env, vault_type, 'it does not follow'
from met
where follows_snapshots
    and (status <> snapshot_status or expires_at <> snapshot_expires_at or (status is not null and expires_at is not null and snapshot_expires_at is null))
union all
select drift_of_the_day.day, drift_of_the_day.env, drift_of_the_day.vault_type, 'its drift is not counted'
from drift_of_the_day
left join differences
    on drift_of_the_day.day = differences.day
    and drift_of_the_day.env = differences.env
    and drift_of_the_day.vault_type = differences.vault_type
where (drift_of_the_day.drift is null) = drift_of_the_day.has_snapshot
    or drift_of_the_day.drift <> coalesce(differences.vaults, 0)
