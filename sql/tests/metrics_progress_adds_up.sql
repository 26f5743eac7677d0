-- The buckets of a progress add up to the users behind its mean and its quantiles, which are those of the frequencies.
with progress as (
    select day, env, metric, segment, statistic, users, value
    from metric_measure
    where metric in ('platinum_attendance_progress', 'diamond_deposit_progress')
),
whole as (
    select day, env, metric, segment, statistic, users, value
    from progress
    where statistic <> 'count'
),
buckets as (
    select day, env, metric, sum(users) as users
    from progress
    where statistic = 'count'
    group by day, env, metric
),
frequencies as (
    select day, env, metric, sum(users) as users, min(value) as least, max(value) as greatest
    from progress_frequency
    group by day, env, metric
)
select whole.day, whole.env, whole.metric, whole.statistic, 'buckets that do not add up' as fault
from whole
left join buckets
    on whole.day = buckets.day and whole.env = buckets.env and whole.metric = buckets.metric
where whole.users <> coalesce(buckets.users, -1)
union all
select whole.day, whole.env, whole.metric, whole.statistic, 'other users than those of the frequencies'
from whole
left join frequencies
    on whole.day = frequencies.day and whole.env = frequencies.env and whole.metric = frequencies.metric
where whole.users <> coalesce(frequencies.users, 0)
    or (whole.segment = 'ALL' and (whole.value < frequencies.least::double or whole.value > frequencies.greatest::double))
