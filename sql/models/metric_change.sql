-- metric_change: every metric of the day against the day before, the day a week before, and the quarter before.
-- grain: one row per (dt, env, metric, vault_type, variant_id, segment, statistic, comparison)      key: the same
-- inputs: metric_daily (dt = $dt, $dt - 1 and $dt - 7), calendar (the extracted days from the first day of the quarter before to $dt)
-- source: docs/definitions.md section 5, metric_change
-- absent: a baseline row that does not exist on an extracted day is 0 for a count and no_data for anything else
with extracted as (
    select
        count(case when vr_days_between(dt, $dt::date) = 1 then 1 end) > 0 as has_yesterday,
        count(case when vr_days_between(dt, $dt::date) = 7 then 1 end) > 0 as has_week_before,
        count(case when dt >= $quarter_start::date then 1 end)
            = vr_days_between($quarter_start::date, $dt::date) + 1 as has_quarter,
        count(case when dt between $previous_quarter_start::date and $previous_quarter_end::date then 1 end)
            = vr_days_between($previous_quarter_start::date, $previous_quarter_end::date) + 1 as has_previous_quarter
    from calendar
),
comparisons as (
    select 'dod' as comparison, 'day' as period, true as has_current, has_yesterday as has_baseline from extracted
    union all
    select 'wow', 'day', true, has_week_before from extracted
    union all
    select 'qoq', 'qtd', has_quarter, has_previous_quarter from extracted
),
baselines as (
    select 'dod' as comparison, env, metric, vault_type, variant_id, segment, statistic, value, numerator, denominator, state, reason
    from metric_yesterday
    where period = 'day'
    union all
    select 'wow', env, metric, vault_type, variant_id, segment, statistic, value, numerator, denominator, state, reason
    from metric_week_before
    where period = 'day'
    union all
    select 'qoq', env, metric, vault_type, variant_id, segment, statistic, value, numerator, denominator, state, reason
    from metric_daily
    where period = 'prev_qtd'
),
sides as (
    select
        today.env, today.metric, today.vault_type, today.variant_id, today.segment, today.statistic, comparisons.comparison,
        has_current, has_baseline,
        today.value as current, today.numerator as current_numerator, today.denominator as current_denominator,
        today.state as current_state, today.reason as current_reason,
        case when baselines.state is null and has_baseline and today.statistic = 'count' then 0 else baselines.value end as baseline,
        baselines.numerator as baseline_numerator, baselines.denominator as baseline_denominator,
        -- NULL where the day is missing: that is no state of a row
        case
            when baselines.state is not null then baselines.state
            when has_baseline and today.statistic = 'count' then 'ok'
            when has_baseline then 'no_data'
        end as baseline_state,
        baselines.reason as baseline_reason
    from metric_daily as today
    inner join comparisons on today.period = comparisons.period
    left join baselines
        on comparisons.comparison = baselines.comparison
        and today.env = baselines.env
        and today.metric = baselines.metric
        and today.vault_type = baselines.vault_type
        and today.variant_id = baselines.variant_id
        and today.segment = baselines.segment
        and today.statistic = baselines.statistic
),
judged as (
    select
        env, metric, vault_type, variant_id, segment, statistic, comparison, current, baseline, current_numerator,
        current_denominator, baseline_numerator, baseline_denominator, current_state, current_reason, baseline_reason,
        case
            when 'not_computable' in (current_state, coalesce(baseline_state, '')) then 'not_computable'
            when 'suppressed' in (current_state, coalesce(baseline_state, '')) then 'suppressed'
            when 'no_data' in (current_state, coalesce(baseline_state, '')) then 'no_data'
            when not has_current then 'missing_current'
            when not has_baseline then 'missing_baseline'
            when baseline = 0 then 'zero_baseline'
            when 'immature' in (current_state, baseline_state) then 'immature'
            when 'partial' in (current_state, baseline_state) then 'partial'
            else 'ok'
        end as verdict
    from sides
),
final as (
    select
        $dt::date as dt, env, metric, vault_type, variant_id, segment, statistic, comparison,
        current::double as current,
        baseline::double as baseline,
        current_numerator::bigint as current_numerator,
        current_denominator::bigint as current_denominator,
        baseline_numerator::bigint as baseline_numerator,
        baseline_denominator::bigint as baseline_denominator,
        case when verdict in ('ok', 'immature', 'partial') then current - baseline end as absolute,
        case when verdict in ('ok', 'immature', 'partial') then (current - baseline) / baseline end as relative,
        case
            when verdict in ('ok', 'immature', 'partial') and statistic = 'rate'
                then vr_two_proportion_p(current_numerator, current_denominator, baseline_numerator, baseline_denominator)
        end as p_value,
        case
            when verdict in ('missing_current', 'missing_baseline', 'zero_baseline') then 'no_data'
            else verdict
        end as state,
        case
            when verdict in ('missing_current', 'missing_baseline', 'zero_baseline') then verdict
            when verdict in ('ok', 'no_data') then null
            when verdict = current_state then current_reason
            else baseline_reason
        end as reason
    from judged
)
select
    dt, env, metric, vault_type, variant_id, segment, statistic, comparison, current, baseline, current_numerator,
    current_denominator, baseline_numerator, baseline_denominator, absolute, relative, p_value, state, reason
from final
order by dt, env, metric, vault_type, variant_id, segment, statistic, comparison
