-- compensation_retried: the compensations that were retried on the day, and whether one retry succeeded.
-- rows: one per compensation      adds up: numerator and denominator
-- source: docs/definitions.md section 5, compensation_retry_success_rate
select
    compensation_id, count(*) as retries, min(ts) as first_retried_at, max(ts) as last_retried_at,
    max(case when outcome = 'success' then 1 else 0 end) as numerator, 1 as denominator
from events
where dt = $dt::date and env = $env and event = 'COMPENSATION_RETRIED'
group by compensation_id
order by numerator desc, compensation_id
