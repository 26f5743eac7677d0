-- env_seen: every env that the day knows.
-- grain: one row per (dt, env)      key: dt, env
-- inputs: events, vault_status, source_catalogue (dt = $dt), env_seen of the extracted day before
-- source: docs/definitions.md section 1, last point
-- absent: an env leaves no more once it is seen, so that a day without its lines still has its rows in other marts
with envs as (
    select env, first_dt, first_snapshot_dt, last_snapshot_dt from env_seen_before
    union all
    select env, $dt::date as first_dt, null::date as first_snapshot_dt, null::date as last_snapshot_dt
    from events
    where dt = $dt::date
    group by env
    union all
    select env, $dt::date as first_dt, $dt::date as first_snapshot_dt, $dt::date as last_snapshot_dt
    from vault_status
    group by env
    union all
    -- a snapshot without rows is one too; compensation_queue is the other table that is taken as a snapshot
    select
        env, $dt::date as first_dt,
        case when name = 'vault_status' then $dt::date end as first_snapshot_dt,
        case when name = 'vault_status' then $dt::date end as last_snapshot_dt
    from source_catalogue
    where kind = 'table' and name in ('vault_status', 'compensation_queue') and env is not null
),
final as (
    select
        $dt::date as dt, env, min(first_dt) as first_dt, min(first_snapshot_dt) as first_snapshot_dt,
        max(last_snapshot_dt) as last_snapshot_dt
    from envs
    group by env
)
select dt, env, first_dt, first_snapshot_dt, last_snapshot_dt from final order by dt, env
