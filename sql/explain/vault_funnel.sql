-- vault_funnel: the vaults of a status at the end of the day.
-- rows: one per vault      adds up: value
-- source: docs/definitions.md section 5, vault_funnel
select user_key, vault_type, status, status_dt as since, expires_at, 1 as value
from vault_state
where env = $env and status = $segment and ($vault_type = 'ALL' or vault_type = $vault_type)
order by user_key, vault_type
