-- compensation_peak: the compensations that were pending at the first instant of the day at which they were most.
-- rows: one per compensation      adds up: value
-- source: docs/definitions.md section 5, compensation_pending_count
with spans as (
    select compensation_id, enqueued_at, settled_at, greatest(enqueued_at, $day_start::timestamp) as starts_at
    from compensation_move
    where env = $env
),
changes as (
    select starts_at as ts, 1 as compensations from spans
    union all
    select settled_at, -1 from spans where settled_at is not null
),
totals as (
    select ts, sum(sum(compensations)) over (order by ts rows between unbounded preceding and current row) as compensations
    from changes
    group by ts
),
peak as (
    select ts as peak_at from totals order by compensations desc, ts limit 1
)
select peak.peak_at, spans.compensation_id, spans.enqueued_at, spans.settled_at, 1 as value
from spans
cross join peak
where spans.starts_at <= peak.peak_at and (spans.settled_at is null or peak.peak_at < spans.settled_at)
order by spans.enqueued_at, spans.compensation_id
