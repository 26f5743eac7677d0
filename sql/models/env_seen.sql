-- env_seen: every env that the day knows.
-- grain: one row per (dt, env)      key: dt, env      inputs: events (dt = $dt), env_seen of the extracted day before
-- source: docs/definitions.md section 1, last point
-- absent: an env leaves no more once it is seen, so that a day without its lines still has its rows in other marts
with envs as (
    select env, first_dt from env_seen_before
    union all
    select env, $dt::date as first_dt from events where dt = $dt::date group by env
),
final as (
    select $dt::date as dt, env, min(first_dt) as first_dt
    from envs
    group by env
)
select dt, env, first_dt from final order by dt, env
