-- Jobs, reasons and types add up to their totals, and what is there at the end of a day is not above the day's maximum.
with counts as (
    select
        day, env,
        case when metric = 'extend_expiry_applied_count' then split_part(segment, ':', 1) else metric end as total,
        case metric
            when 'extend_expiry_applied_count' then contains(segment, ':')
            when 'referral_revive_success_count' then vault_type <> 'ALL'
            else segment <> 'ALL'
        end as is_part,
        sample_size, value
    from metric_measure
    where metric in ('batch_fail_count', 'referral_revive_success_count', 'extend_expiry_applied_count')
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
    select day, env, metric, segment, statistic, value
    from metric_measure
    where metric = 'dlq_size'
        -- from the table there is no maximum
        or (metric = 'compensation_pending_count' and part in ('last', 'max') and ok_reason is null)
)
select day, env, total, 'parts that do not add up' as fault
from sums
where is_other_value or is_other_sample
union all
select day, env, metric || ' ' || segment, 'more at the end than at any time'
from depths
group by day, env, metric, segment
having max(case when statistic = 'last' then value end) > max(case when statistic = 'max' then value end)
