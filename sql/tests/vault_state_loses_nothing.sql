-- A vault leaves the state on the day on which it is due, and on no other, and then it is counted.
with gone as (
    select
        before.day, before.env, before.vault_type,
        before.status in ('CLAIMED', 'EXPIRED') and vr_days_between(before.status_dt, before.day) >= $retire_after as is_due
    from vault_state_before as before
    left join vault_state
        on before.day = vault_state.day
        and before.env = vault_state.env
        and before.user_key = vault_state.user_key
        and before.vault_type = vault_state.vault_type
    where vault_state.env is null
),
gone_per_type as (
    select day, env, vault_type, count(*) as vaults
    from gone
    group by day, env, vault_type
)
select day, env, vault_type, 'it left before its day' as fault
from gone
where not is_due
union all
select day, env, vault_type, 'it stayed beyond its day'
from vault_state
where status in ('CLAIMED', 'EXPIRED') and vr_days_between(status_dt, day) >= $retire_after
union all
select coalesce(vault_daily.day, gone_per_type.day), vault_daily.env, vault_daily.vault_type, 'it is not counted'
from vault_daily
full outer join gone_per_type
    on vault_daily.day = gone_per_type.day
    and vault_daily.env = gone_per_type.env
    and vault_daily.vault_type = gone_per_type.vault_type
where vault_daily.env is null
    or (vault_daily.vault_type <> 'ALL' and vault_daily.retired <> coalesce(gone_per_type.vaults, 0))
