-- frequency_quarter: how often each value occurred, from the first extracted day of the quarter to the day: quantiles of a
--     quarter from one small file.
-- grain: one row per (dt, env, metric, value)      key: dt, env, metric, value
-- inputs: progress_frequency, notify_latency_frequency (dt = $dt), frequency_quarter of the extracted day before within the quarter
-- source: docs/definitions.md section 5, quantiles, platinum_attendance_progress, diamond_deposit_progress, notify_enqueue_latency
-- absent: a value that did not occur; a day without a snapshot or without notifications adds nothing
with frequencies as (
    select env, metric, value, users as occurrences
    from progress_frequency
    union all
    select env, 'notify_enqueue_latency', latency_ms, enqueued
    from notify_latency_frequency
    union all
    select env, metric, value, occurrences
    from quarter_before
),
final as (
    select $dt::date as dt, env, metric, value, sum(occurrences)::bigint as occurrences
    from frequencies
    group by env, metric, value
)
select dt, env, metric, value, occurrences from final order by dt, env, metric, value
