-- progress_frequency: how many users stand at each value of their progress towards an open vault, by the day's snapshot.
-- grain: one row per (dt, env, metric, value)      key: dt, env, metric, value      inputs: vault_status (dt = $dt)
-- source: docs/definitions.md section 5, platinum_attendance_progress and diamond_deposit_progress
-- absent: a value that nobody has; who has no value, or a vault that is neither LOCKED nor UNLOCKED, is counted nowhere
with progress as (
    select env, 'platinum_attendance_progress' as metric, platinum_attendance_days as value
    from vault_status
    where platinum_status in ('ACTIVE', 'LOCKED', 'UNLOCKED') and platinum_attendance_days is not null
    union all
    select env, 'diamond_deposit_progress' as metric, diamond_deposit_current as value
    from vault_status
    where diamond_status in ('ACTIVE', 'LOCKED', 'UNLOCKED') and diamond_deposit_current is not null
),
final as (
    select $dt::date as dt, env, metric, value, count(*)::bigint as users
    from progress
    group by env, metric, value
)
select dt, env, metric, value, users from final order by dt, env, metric, value
