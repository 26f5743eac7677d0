-- metrics_progress: attendance towards PLATINUM and deposits towards DIAMOND, for metric_daily to judge.
-- grain: one row per (dt, env, metric, period, vault_type, variant_id, segment, statistic)      key: the same
-- inputs: env_seen, progress_frequency (dt = $dt)
-- source: docs/definitions.md section 5, quantiles, platinum_attendance_progress and diamond_deposit_progress
-- absent: nothing; every env of the day has every row, with 0 where nobody is counted
with
-- frequencies: with the number of users up to the value, that of all, and the segment by number
frequencies as (
    select
        env, metric, value, users,
        sum(users) over (
            partition by env, metric order by value nulls last rows between unbounded preceding and current row
        ) as users_up_to,
        sum(users) over (partition by env, metric) as all_users,
        case
            when metric = 'platinum_attendance_progress' then least(value, 3)
            else least(10 * value::hugeint // $diamond_target, 10)
        end as bucket
    from progress_frequency
),
buckets as (
    select metric, vault_type, bucket, segment
    from (
        values
            ('platinum_attendance_progress', 'PLATINUM', 0, 'days=0'),
            ('platinum_attendance_progress', 'PLATINUM', 1, 'days=1'),
            ('platinum_attendance_progress', 'PLATINUM', 2, 'days=2'),
            ('platinum_attendance_progress', 'PLATINUM', 3, 'days=3'),
            ('diamond_deposit_progress', 'DIAMOND', 0, '00-10%'),
            ('diamond_deposit_progress', 'DIAMOND', 1, '10-20%'),
            ('diamond_deposit_progress', 'DIAMOND', 2, '20-30%'),
            ('diamond_deposit_progress', 'DIAMOND', 3, '30-40%'),
            ('diamond_deposit_progress', 'DIAMOND', 4, '40-50%'),
            ('diamond_deposit_progress', 'DIAMOND', 5, '50-60%'),
            ('diamond_deposit_progress', 'DIAMOND', 6, '60-70%'),
            ('diamond_deposit_progress', 'DIAMOND', 7, '70-80%'),
            ('diamond_deposit_progress', 'DIAMOND', 8, '80-90%'),
            ('diamond_deposit_progress', 'DIAMOND', 9, '90-100%'),
            ('diamond_deposit_progress', 'DIAMOND', 10, '100%+')
    ) as bucket(metric, vault_type, bucket, segment)
),
counts as (
    select
        env_seen.env, buckets.metric, buckets.vault_type, buckets.segment, 'count' as statistic, 'count' as unit,
        coalesce(sum(frequencies.users), 0) as users
    from env_seen
    cross join buckets
    left join frequencies
        on env_seen.env = frequencies.env and buckets.metric = frequencies.metric and buckets.bucket = frequencies.bucket
    group by env_seen.env, buckets.metric, buckets.vault_type, buckets.segment
),
means as (
    select
        env_seen.env, 'platinum_attendance_progress' as metric, 'PLATINUM' as vault_type, 'ALL' as segment, 'avg' as statistic,
        'days' as unit, coalesce(sum(frequencies.users), 0) as users,
        sum(frequencies.value::hugeint * frequencies.users) as numerator,
        sum(frequencies.users) as denominator
    from env_seen
    left join frequencies
        on env_seen.env = frequencies.env and frequencies.metric = 'platinum_attendance_progress'
    group by env_seen.env
),
-- a quantile a/b of n sorted values lies at (n - 1) * a / b, counted from 0
quantiles as (
    select statistic, a, b from (values ('p50', 1, 2), ('p90', 9, 10)) as quantile(statistic, a, b)
),
-- neighbours: the values at the whole number below a quantile's place and at the next one (NULL behind the last)
neighbours as (
    select
        env_seen.env, quantiles.statistic, quantiles.b, max(all_users) as all_users,
        max((all_users - 1) * a % b) as part,
        min(case when users_up_to > (all_users - 1) * a // b then value end)::hugeint as low,
        min(case when users_up_to > (all_users - 1) * a // b + 1 then value end)::hugeint as high
    from env_seen
    cross join quantiles
    left join frequencies
        on env_seen.env = frequencies.env and frequencies.metric = 'diamond_deposit_progress'
    group by env_seen.env, quantiles.statistic, quantiles.b
),
scales as (
    select segment, unit, scale
    from (values ('ALL', 'krw', 1::hugeint), ('of_target', 'ratio', $diamond_target::hugeint)) as deposit(segment, unit, scale)
),
quantile_rows as (
    select
        env, 'diamond_deposit_progress' as metric, 'DIAMOND' as vault_type, scales.segment, statistic, scales.unit,
        coalesce(all_users, 0) as users,
        b * low + part * (coalesce(high, low) - low) as numerator,
        b * scales.scale as denominator
    from neighbours
    cross join scales
),
progress as (
    select env, metric, vault_type, segment, statistic, unit, users, users::double as value from counts
    union all
    select env, metric, vault_type, segment, statistic, unit, users, exact_ratio(numerator, denominator) from means
    union all
    select env, metric, vault_type, segment, statistic, unit, users, exact_ratio(numerator, denominator) from quantile_rows
),
final as (
    select
        $dt::date as dt, env, metric, 'ALL' as part, 'day' as period, vault_type, 'ALL' as variant_id, segment, statistic, unit,
        true as is_fixed,
        null::bigint as numerator,
        null::bigint as denominator,
        value,
        users::bigint as sample_size,
        users::bigint as users,
        0::bigint as immature_windows,
        0::bigint as missing_days,
        null::varchar as ok_reason,
        null::varchar as no_data_reason
    from progress
)
select
    dt, env, metric, part, period, vault_type, variant_id, segment, statistic, unit, is_fixed, numerator, denominator, value, sample_size,
    users, immature_windows, missing_days, ok_reason, no_data_reason
from final
