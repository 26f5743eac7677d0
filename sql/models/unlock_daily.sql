-- unlock_daily: the vaults unlocked on the day, and how many of them were claimed and expired within 7 days.
-- grain: one row per (dt, env, vault_type) with an unlocked vault, and ALL types      key: dt, env, vault_type
-- inputs: events (dt = $dt), vault_outcome of the days that 7 days reach
-- source: docs/definitions.md section 5, vault_unlock_conversion
-- absent: a type of which no vault was unlocked has no row; BONUS has no life cycle
with first_unlocks as (
    select env, user_key, vault_type, min(ts) as ts
    from events
    where dt = $dt::date and event = 'VAULT_UNLOCKED' and vault_type in ('GOLD', 'PLATINUM', 'DIAMOND')
    group by env, user_key, vault_type
),
-- vaults: each has one window, so that the join meets an outcome once
vaults as (
    select
        first_unlocks.env, first_unlocks.user_key, first_unlocks.vault_type,
        first_unlocks.ts + interval '168' hour < $known_until::timestamp as is_mature,
        count(case when vault_outcome.event = 'VAULT_CLAIMED' then 1 end) > 0 as is_claimed,
        count(case when vault_outcome.event = 'VAULT_EXPIRED' then 1 end) > 0 as is_expired
    from first_unlocks
    left join vault_outcome
        on first_unlocks.env = vault_outcome.env
        and first_unlocks.user_key = vault_outcome.user_key
        and first_unlocks.vault_type = vault_outcome.vault_type
        and vault_outcome.ts between first_unlocks.ts and first_unlocks.ts + interval '168' hour
    group by first_unlocks.env, first_unlocks.user_key, first_unlocks.vault_type, first_unlocks.ts
),
splits as (
    select
        env, vault_type,
        count(*) as vaults,
        count(case when is_mature then 1 end) as mature_vaults,
        count(distinct case when is_mature then user_key end) as mature_users,
        count(case when is_mature and is_claimed then 1 end) as claimed_vaults,
        count(case when is_mature and is_expired then 1 end) as expired_vaults
    from vaults
    group by grouping sets ((env), (env, vault_type))
),
final as (
    select
        $dt::date as dt, env,
        coalesce(vault_type, 'ALL') as vault_type,
        vaults, mature_vaults, mature_users, claimed_vaults, expired_vaults
    from splits
)
select dt, env, vault_type, vaults, mature_vaults, mature_users, claimed_vaults, expired_vaults from final order by dt, env, vault_type
