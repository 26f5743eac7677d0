-- compensation_last: the compensations that are pending at the end of the day; without events those of the service's table.
-- rows: one per compensation      adds up: value
-- source: docs/definitions.md section 5, compensation_pending_count; section 3, without events
with pending as (
    select move.compensation_id, move.enqueued_at, null as status, null as retry_count
    from compensation_move as move
    inner join env_source
        on move.env = env_source.env and not env_source.follows_snapshots
    where move.env = $env and move.settled_at is null
    union all
    select queue.compensation_id, queue.created_at, queue.status, queue.retry_count
    from compensation_queue as queue
    inner join env_source
        on queue.env = env_source.env and env_source.follows_snapshots
    where queue.env = $env and queue.status in ('PENDING', 'RETRYING')
)
select compensation_id, enqueued_at, status, retry_count, 1 as value
from pending
order by enqueued_at, compensation_id, status, retry_count
