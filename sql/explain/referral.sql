-- referral: the revivals by referral; without events those of the service's log.
-- rows: one per revival      adds up: value
-- source: docs/definitions.md section 5, referral_revive_success_count; section 3, without events
with revivals as (
    select events.ts as revived_at, events.user_key, coalesce(events.vault_type, 'untyped') as vault_type, events.expires_at
    from events
    inner join env_source
        on events.env = env_source.env and not env_source.follows_snapshots
    where events.dt = $dt::date and events.env = $env and events.event = 'REFERRAL_REVIVED'
    union all
    select log.created_at, log.user_key, 'untyped', log.new_expires_at
    from vault_expiry_extension_log as log
    inner join env_source
        on log.env = env_source.env and env_source.follows_snapshots
    where log.env = $env and log.user_key is not null and log.reason = 'REFERRAL' and not log.shadow
)
select revived_at, user_key, vault_type, expires_at, 1 as value
from revivals
where $vault_type = 'ALL' or vault_type = $vault_type
order by revived_at, user_key, vault_type, expires_at
