-- metrics_batch: how many batch runs finished and failed, for metric_daily to judge.
-- grain: one row per (dt, env, metric, period, vault_type, variant_id, segment, statistic)      key: the same
-- inputs: env_seen, events (dt = $dt)
-- source: docs/definitions.md section 5, batch_fail_count and batch_fail_rate
-- absent: a job without a run has no row; ALL has one in every env. They are not about users, so users is NULL
with runs_per_job as (
    select env, job, count(*) as runs, count(case when outcome = 'failure' then 1 end) as failures
    from events
    where dt = $dt::date and event = 'BATCH_RUN_FINISHED'
    group by env, job
),
runs_per_segment as (
    select env, job as segment, false as is_fixed, runs, failures from runs_per_job
    union all
    select
        env_seen.env, 'ALL' as segment, true as is_fixed, coalesce(sum(runs_per_job.runs), 0) as runs,
        coalesce(sum(runs_per_job.failures), 0) as failures
    from env_seen
    left join runs_per_job
        on env_seen.env = runs_per_job.env
    group by env_seen.env
),
measures as (
    select
        env, segment, is_fixed, 'batch_fail_count' as metric, 'count' as statistic, 'count' as unit, null as numerator,
        null as denominator, failures as value, runs as sample_size
    from runs_per_segment
    union all
    select
        env, segment, is_fixed, 'batch_fail_rate' as metric, 'rate' as statistic, 'ratio' as unit, failures as numerator,
        runs as denominator, null as value, runs as sample_size
    from runs_per_segment
),
final as (
    select
        $dt::date as dt, env, metric, 'ALL' as part, 'day' as period, 'ALL' as vault_type, 'ALL' as variant_id, segment, statistic, unit,
        is_fixed,
        numerator::bigint as numerator,
        denominator::bigint as denominator,
        value::double as value,
        sample_size::bigint as sample_size,
        null::bigint as users,
        0::bigint as immature_windows,
        0::bigint as missing_days,
        null::varchar as ok_reason,
        null::varchar as no_data_reason
    from measures
)
select
    dt, env, metric, part, period, vault_type, variant_id, segment, statistic, unit, is_fixed, numerator, denominator, value, sample_size,
    users, immature_windows, missing_days, ok_reason, no_data_reason
from final
