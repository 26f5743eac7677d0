-- vault_invalid_transition: the vaults with events that the life cycle does not allow.
-- rows: one per vault      adds up: value, in events
-- source: docs/definitions.md section 3
select
    user_key, vault_type, status_before as was, status, greatest(unlocked_at, claimed_at, expired_at) as moved_at,
    invalid_transitions as value
from vault_move
where env = $env and invalid_transitions > 0 and ($vault_type = 'ALL' or vault_type = $vault_type)
order by value desc, user_key, vault_type
