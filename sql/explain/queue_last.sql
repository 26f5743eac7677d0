-- queue_last: the depth of each dead letter queue just before the end of the day, and when it was sampled.
-- rows: one per queue      adds up: value
-- source: docs/definitions.md section 5, dlq_size
select queue, sampled_at, depth as value
from queue_depth
where env = $env and ($segment = 'ALL' or queue = $segment)
order by queue
