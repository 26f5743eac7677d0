-- batch_outcome: the batch runs of the day with their outcomes.
-- rows: one per run      adds up: numerator and denominator
-- source: docs/definitions.md section 5, batch_fail_rate
select ts as finished_at, job, outcome, req_id, case when outcome = 'failure' then 1 else 0 end as numerator, 1 as denominator
from events
where dt = $dt::date and env = $env and event = 'BATCH_RUN_FINISHED' and ($segment = 'ALL' or job = $segment)
order by numerator desc, finished_at, job, req_id
