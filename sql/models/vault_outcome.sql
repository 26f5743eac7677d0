-- vault_outcome: when users claimed, and when their vaults expired.
-- grain: one row per (dt, env, event, user_key, vault_type, ts)      key: the same      inputs: events (dt = $dt)
-- source: docs/definitions.md section 5, windows
-- absent: several events of one kind at one instant are one row; BONUS has rows: a claim of any type answers an alert without one
with final as (
    select $dt::date as dt, env, event, user_key, vault_type, ts
    from events
    where dt = $dt::date and event in ('VAULT_CLAIMED', 'VAULT_EXPIRED')
    group by env, event, user_key, vault_type, ts
)
select dt, env, event, user_key, vault_type, ts from final order by dt, env, event, user_key, vault_type, ts
