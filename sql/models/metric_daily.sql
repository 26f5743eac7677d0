-- metric_daily: the one long table that every consumer reads: what metric_measure and metric_measure_window hold, judged.
-- grain: one row per (dt, env, metric, period, vault_type, variant_id, segment, statistic)      key: the same
-- inputs: metric_measure, metric_measure_window, metric_gap (dt = $dt)
-- source: docs/definitions.md section 5
-- absent: a row of an open-ended split where its metric is not computable; suppression follows this query, before anything is
--     written
with measured as (
    select * from metric_measure
    union all
    select * from metric_measure_window
),
judged as (
    select
        measured.*, metric_gap.reason as gap,
        case
            when metric_gap.metric is not null then 'not_computable'
            when statistic = 'rate' and denominator = 0 and immature_windows = 0 then 'no_data'
            when statistic <> 'rate' and value is null and immature_windows = 0 then 'no_data'
            when immature_windows > 0 then 'immature'
            when missing_days > 0 then 'partial'
            else 'ok'
        end as state
    from measured
    left join metric_gap
        on measured.env = metric_gap.env and measured.metric = metric_gap.metric and measured.part = metric_gap.part
    where metric_gap.metric is null or measured.is_fixed
),
-- Wilson: (center - half, center + half) / spread
wilson as (
    select 1.959963984540054::double as z
),
intervals as (
    select
        judged.*,
        numerator + z * z / 2 as center,
        case
            when denominator > 0 and numerator <= denominator
                then z * sqrt(numerator::double * (denominator - numerator)::double / denominator::double + z * z / 4)
        end as half,
        denominator + z * z as spread
    from judged
    cross join wilson
),
final as (
    select
        $dt::date as dt, env, metric, period, vault_type, variant_id, segment, statistic,
        case
            when gap is not null then null
            when statistic <> 'rate' then value
            when denominator > 0 then numerator::double / denominator::double
        end as value,
        -- a day of which nothing is mature yet has units, and nothing to count among them
        case when gap is null and not (state = 'immature' and denominator = 0) then numerator end as numerator,
        case when gap is null and not (state = 'immature' and denominator = 0) then denominator end as denominator,
        case when gap is null then sample_size end as sample_size,
        case when gap is null then users end as users,
        -- at the ends of the scale the difference is 0 or 1 exactly, which doubles miss by a rounding
        case when gap is not null then null when numerator = 0 then half * 0 else (center - half) / spread end as ci_low,
        case when gap is not null then null when numerator = denominator then half * 0 + 1 else (center + half) / spread end as ci_high,
        state,
        case state
            when 'not_computable' then gap
            when 'no_data' then coalesce(no_data_reason, case statistic when 'rate' then 'zero_denominator' else 'no_rows' end)
            when 'immature' then 'immature_windows'
            when 'partial' then 'missing_days=' || missing_days::varchar
            else ok_reason
        end as reason,
        unit
    from intervals
)
select
    dt, env, metric, period, vault_type, variant_id, segment, statistic, value, numerator, denominator, sample_size, users, ci_low,
    ci_high, state, reason, unit
from final
order by dt, env, metric, period, vault_type, variant_id, segment, statistic
