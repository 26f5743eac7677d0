-- unlock_followed: the vaults unlocked on the day whose 7 days have passed, and the claim or expiry that followed.
-- rows: one per vault      adds up: numerator and denominator, as in unlock_daily
-- source: docs/definitions.md section 5, vault_unlock_conversion
with first_unlocks as (
    select user_key, vault_type, min(ts) as unlocked_at
    from events
    where dt = $dt::date and env = $env and event = 'VAULT_UNLOCKED' and vault_type in ('GOLD', 'PLATINUM', 'DIAMOND')
        and ($vault_type = 'ALL' or vault_type = $vault_type)
    group by user_key, vault_type
),
outcomes as (
    select user_key, vault_type, ts
    from vault_outcome
    where env = $env and event = case $segment when 'claimed_7d' then 'VAULT_CLAIMED' else 'VAULT_EXPIRED' end
),
vaults as (
    select first_unlocks.user_key, first_unlocks.vault_type, first_unlocks.unlocked_at, min(outcomes.ts) as followed_at
    from first_unlocks
    left join outcomes
        on first_unlocks.user_key = outcomes.user_key
        and first_unlocks.vault_type = outcomes.vault_type
        and outcomes.ts between first_unlocks.unlocked_at and first_unlocks.unlocked_at + interval '168' hour
    where first_unlocks.unlocked_at + interval '168' hour < $known_until::timestamp
    group by first_unlocks.user_key, first_unlocks.vault_type, first_unlocks.unlocked_at
)
select
    user_key, vault_type, unlocked_at, followed_at, case when followed_at is not null then 1 else 0 end as numerator, 1 as denominator
from vaults
order by numerator desc, user_key, vault_type
