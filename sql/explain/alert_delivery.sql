-- alert_delivery: the notifications of a status that were created on the day.
-- rows: one per notification      adds up: value
-- source: docs/definitions.md section 5, alert_delivery
select created_at, id, user_key, type, variant_id, status, 1 as value
from notifications_queue
where env = $env and status = $segment
order by created_at, id, user_key, type, variant_id
