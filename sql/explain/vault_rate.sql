-- vault_rate: the vaults behind both rates of a day.
-- rows: one per vault that counts in the denominator      adds up: numerator and denominator, as in vault_daily
-- source: docs/definitions.md section 4
with vaults as (
    select
        coalesce(move.env, known.env) as env,
        coalesce(move.user_key, known.user_key) as user_key,
        coalesce(move.vault_type, known.vault_type) as vault_type,
        coalesce(known.status, move.status_before) as was,
        coalesce(move.status, known.status) as status,
        known.status is not null as is_known_before,
        coalesce(move.is_new, false) as is_new,
        coalesce(move.unlocked, false) as unlocked,
        coalesce(move.claimed, false) as claimed,
        coalesce(move.expired, false) as expired,
        coalesce(move.reopenings > 0, false) as reopened,
        move.unlocked_at, move.claimed_at, move.expired_at
    from vault_state_before as known
    full outer join vault_move as move
        on known.env = move.env and known.user_key = move.user_key and known.vault_type = move.vault_type
),
of_claims as (
    select
        *, claimed as counts_above, claimed_at as moved_at,
        case
            when is_known_before and was = 'UNLOCKED' then 'open before'
            when unlocked then 'unlocked'
            when reopened then 'reopened'
            when claimed then 'claimed'
            when is_new and status = 'UNLOCKED' then 'new and open'
        end as counts_as
    from vaults
),
of_expiries as (
    select
        *, expired as counts_above, expired_at as moved_at,
        case
            when is_known_before and was in ('LOCKED', 'UNLOCKED') then 'live before'
            when is_new then 'new'
            when unlocked then 'unlocked'
            when reopened then 'reopened'
            when expired then 'expired'
        end as counts_as
    from vaults
),
of_the_metric as (
    select * from of_claims where $metric = 'vault_claim_rate_by_type'
    union all
    select * from of_expiries where $metric = 'vault_expire_rate_by_type'
),
final as (
    select
        user_key, vault_type, counts_as, was, status, moved_at,
        case when counts_above then 1 else 0 end as numerator,
        1 as denominator
    from of_the_metric
    where env = $env and ($vault_type = 'ALL' or vault_type = $vault_type) and counts_as is not null
)
select user_key, vault_type, counts_as, was, status, moved_at, numerator, denominator
from final
order by numerator desc, user_key, vault_type
