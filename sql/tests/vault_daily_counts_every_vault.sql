-- The four counts at the end of a day are the vaults of vault_state by status, per type and in all.
with counted as (
    select
        day, env, coalesce(vault_type, 'ALL') as vault_type,
        count(case when status = 'LOCKED' then 1 end) as locked_end,
        count(case when status = 'UNLOCKED' then 1 end) as open_end,
        count(case when status = 'CLAIMED' then 1 end) as claimed_end,
        count(case when status = 'EXPIRED' then 1 end) as expired_end
    from vault_state
    group by grouping sets ((day, env, vault_type), (day, env))
)
select coalesce(vault_daily.day, counted.day) as day, vault_daily.env, counted.env as env_of_state, counted.vault_type
from vault_daily
full outer join counted
    on vault_daily.day = counted.day and vault_daily.env = counted.env and vault_daily.vault_type = counted.vault_type
where vault_daily.env is null
    or vault_daily.locked_end <> coalesce(counted.locked_end, 0)
    or vault_daily.open_end <> coalesce(counted.open_end, 0)
    or vault_daily.claimed_end <> coalesce(counted.claimed_end, 0)
    or vault_daily.expired_end <> coalesce(counted.expired_end, 0)
