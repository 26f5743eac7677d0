-- The same from the events.
with quantiles as (
    select env, date_trunc('quarter', dt) as quarter, quantile_cont(latency_ms, [0.5, 0.9]) as q
    from events
    where event = 'NOTIFY_ENQUEUED'
    group by all
)
select env, quarter, unnest([5, 9]) as a, round(10 * unnest(q))::bigint as tenths from quantiles order by all
