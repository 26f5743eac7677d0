-- Jobs, reasons and types add up to their totals, and what is there at the end of a day is not above the day's maximum.
with counts as (
    select day, env, metric as total, segment <> 'ALL' as is_part, sample_size, value from metrics_batch where statistic = 'count'
    union all
    select day, env, metric as total, vault_type <> 'ALL' as is_part, sample_size, value from metrics_referral
    union all
    select day, env, split_part(segment, ':', 1) as total, contains(segment, ':') as is_part, sample_size, value from metrics_extension
),
sums as (
    select
        day, env, total,
        sum(case when is_part then value else 0 end) <> sum(case when is_part then 0 else value end) as is_other_value,
        sum(case when is_part then sample_size else 0 end) <> sum(case when is_part then 0 else sample_size end) as is_other_sample
    from counts
    group by day, env, total
),
depths as (
    select day, env, metric, segment, statistic, value from metrics_queue
    union all
    -- from the table there is no maximum
    select day, env, metric, segment, statistic, value from metrics_compensation where part in ('last', 'max') and ok_reason is null
)
select day, env, total, 'parts that do not add up' as fault
from sums
where is_other_value or is_other_sample
union all
select day, env, metric || ' ' || segment, 'more at the end than at any time'
from depths
group by day, env, metric, segment
having max(case when statistic = 'last' then value end) > max(case when statistic = 'max' then value end)
