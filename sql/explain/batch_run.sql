-- batch_run: the batch runs of the day that failed.
-- rows: one per run      adds up: value
-- source: docs/definitions.md section 5, batch_fail_count
select ts as finished_at, job, outcome, req_id, 1 as value
from events
where dt = $dt::date and env = $env and event = 'BATCH_RUN_FINISHED' and outcome = 'failure' and ($segment = 'ALL' or job = $segment)
order by finished_at, job, req_id
