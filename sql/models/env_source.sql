-- env_source: what the day's sources have of the vaults of each env.
-- grain: one row per (dt, env), every env of the day      key: dt, env
-- inputs: env_seen, source_catalogue (dt = $dt)
-- source: docs/definitions.md section 3
-- absent: what the catalogue of the day does not have, no source has
with facts as (
    -- a source of event lines without an env may have lines of any
    select env, 'VAULT_ kinds' as fact
    from source_catalogue
    where kind = 'event' and name in ('VAULT_UNLOCKED', 'VAULT_CLAIMED', 'VAULT_EXPIRED')
    union all
    select env, 'tables' as fact from source_catalogue where kind = 'table' or kind = 'source' and name = 'tables'
    union all
    -- of a source that is configured no more there are its snapshots
    select env, 'tables' as fact from env_seen where first_snapshot_dt is not null
),
facts_per_env as (
    select
        env_seen.env, env_seen.first_dt, env_seen.first_snapshot_dt, env_seen.last_snapshot_dt,
        count(case when facts.fact = 'VAULT_ kinds' then 1 end) > 0 as has_vault_events,
        count(case when facts.fact = 'tables' then 1 end) > 0 as has_tables
    from env_seen
    left join facts
        on env_seen.env = facts.env or facts.env is null
    group by env_seen.env, env_seen.first_dt, env_seen.first_snapshot_dt, env_seen.last_snapshot_dt
),
final as (
    select
        $dt::date as dt, env, has_vault_events,
        coalesce(last_snapshot_dt = $dt::date, false) as has_snapshot,
        first_dt = $dt::date as is_first_day,
        coalesce(first_snapshot_dt = $dt::date, false) as is_first_snapshot,
        has_tables and not has_vault_events as follows_snapshots
    from facts_per_env
)
select dt, env, has_vault_events, has_snapshot, is_first_day, is_first_snapshot, follows_snapshots from final order by dt, env
