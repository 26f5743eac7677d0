-- A vault of the extracted day before is there, or it is one of the day's retired; none stays beyond its day.
with gone as (
    select before.day, before.env, before.vault_type, count(*) as vaults
    from vault_state_before as before
    left join vault_state
        on before.day = vault_state.day
        and before.env = vault_state.env
        and before.user_key = vault_state.user_key
        and before.vault_type = vault_state.vault_type
    where vault_state.env is null
    group by before.day, before.env, before.vault_type
)
select coalesce(vault_daily.day, gone.day) as day, vault_daily.env, gone.env as env_of_state, gone.vault_type
from vault_daily
full outer join gone
    on vault_daily.day = gone.day and vault_daily.env = gone.env and vault_daily.vault_type = gone.vault_type
where vault_daily.env is null
    or (vault_daily.vault_type <> 'ALL' and vault_daily.retired <> coalesce(gone.vaults, 0))
union all
select day, env, env, vault_type
from vault_state
where status in ('CLAIMED', 'EXPIRED') and vr_days_between(status_dt, dt) >= $retire_after
