-- restatement: cells of published days whose value or state is another one now.
-- before, after, windows (before): files of the days in cause (dt, cause, matured); docs/contract.md section 4.
-- A metric of which windows were immature and a later day was read since has matured: that is no restatement, whatever
-- suppression makes of its other cells.
with maturing as (
    select distinct windows.dt, env, metric, period, statistic
    from windows
    inner join cause on windows.dt = cause.dt
    where cause.matured and immature_windows > 0
),
changed as (
    select
        dt, env, metric, period, vault_type, variant_id, segment, statistic,
        before.value as old_value, after.value as new_value, before.state as old_state, after.state as new_state
    from before
    full outer join after using (dt, env, metric, period, vault_type, variant_id, segment, statistic)
    where before.value is distinct from after.value or before.state is distinct from after.state
)
select
    changed.dt, changed.env, changed.metric, changed.period, vault_type, variant_id, segment, changed.statistic,
    old_value, new_value, old_state, new_state, cause.cause, $as_of::date as as_of
from changed
inner join cause on changed.dt = cause.dt
left join maturing
    on changed.dt = maturing.dt and changed.env = maturing.env and changed.metric = maturing.metric
    and changed.period = maturing.period and changed.statistic = maturing.statistic
where maturing.dt is null
