-- compensation_table: the compensations that are pending by the service's table.
-- rows: one per row of the table      adds up: value
-- source: docs/definitions.md section 5, compensation_pending_count
select id, compensation_id, user_key, status, retry_count, created_at, 1 as value
from compensation_queue
where env = $env and status in ('PENDING', 'RETRYING')
order by created_at, id, compensation_id
