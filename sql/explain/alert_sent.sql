-- alert_sent: the alerts sent on the day.
-- rows: one per alert      adds up: value
-- source: docs/definitions.md section 5, alert_sent_count
select
    ts, user_key, coalesce(vault_type, 'untyped') as vault_type, coalesce(variant_id, 'untagged') as variant_id, notify_type, req_id,
    1 as value
from events
where dt = $dt::date and env = $env and event = 'ALERT_SENT'
    and ($vault_type = 'ALL' or coalesce(vault_type, 'untyped') = $vault_type)
    and ($variant_id = 'ALL' or coalesce(variant_id, 'untagged') = $variant_id)
order by ts, user_key, vault_type, variant_id, notify_type, req_id
