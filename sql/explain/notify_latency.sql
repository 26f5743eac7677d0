-- notify_latency: the notifications behind a quantile of latencies, in order, and how much of each is in the quantile.
-- rows: one per notification, those that make the value first      adds up: numerator and denominator, whose ratio is the quantile
-- source: docs/definitions.md section 5, quantiles
with
-- a quantile a/b of n sorted values lies at (n - 1) * a / b, counted from 0: between two values where that is no whole number
quantile as (
    select a, b from (values ('p50', 1, 2), ('p95', 19, 20), ('max', 1, 1)) as named(statistic, a, b) where statistic = $statistic
),
in_order as (
    select
        ts, user_key, notify_type, latency_ms,
        row_number() over (order by latency_ms, ts, user_key, notify_type, variant_id, req_id, trace_id) - 1 as position,
        (count(*) over () - 1) * a // b as low,
        (count(*) over () - 1) * a % b as part,
        b
    from events
    cross join quantile
    where dt = $dt::date and env = $env and event = 'NOTIFY_ENQUEUED'
),
weighted as (
    select *, case position when low then b - part when low + 1 then part else 0 end as weight from in_order
)
select ts, user_key, notify_type, latency_ms, position, (latency_ms::hugeint * weight)::hugeint as numerator, weight as denominator
from weighted
order by weight > 0 desc, position
