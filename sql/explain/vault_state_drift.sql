-- vault_state_drift: the vaults whose status differs from the snapshot's, with both.
-- rows: one per vault      adds up: value
-- source: docs/definitions.md section 3
with of_snapshot as (
    select user_key, 'GOLD' as vault_type, gold_status as status from vault_status where env = $env
    union all
    select user_key, 'PLATINUM', platinum_status from vault_status where env = $env
    union all
    select user_key, 'DIAMOND', diamond_status from vault_status where env = $env
)
select
    move.user_key, move.vault_type, move.status, min(of_snapshot.status) as snapshot_status,
    max(greatest(move.unlocked_at, move.claimed_at, move.expired_at)) as moved_at, 1 as value
from vault_move as move
left join of_snapshot
    on move.user_key = of_snapshot.user_key and move.vault_type = of_snapshot.vault_type
where move.env = $env and move.drifts and ($vault_type = 'ALL' or move.vault_type = $vault_type)
group by move.user_key, move.vault_type, move.status
order by move.user_key, move.vault_type
