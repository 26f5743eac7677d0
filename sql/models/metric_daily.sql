-- metric_daily: the one long table that every consumer reads.
-- grain: one row per (dt, env, metric, period, vault_type, variant_id, segment, statistic)      key: the same
-- inputs: vault_daily, vault_quarter (dt = $dt), vault_quarter of the newest extracted day of the aligned previous quarter,
--     calendar (the extracted days from the first day of the quarter before to $dt)
-- source: docs/definitions.md section 5
-- absent: nothing to divide by is no_data, never 0; suppression follows this query, before anything is written
with missing_days as (
    select
        vr_days_between($quarter_start::date, $dt::date) + 1
            - count(case when dt >= $quarter_start::date then 1 end) as in_quarter,
        vr_days_between($previous_quarter_start::date, $previous_quarter_end::date) + 1
            - count(case when dt between $previous_quarter_start::date and $previous_quarter_end::date then 1 end) as in_previous_quarter,
        count(case when dt between $previous_quarter_start::date and $previous_quarter_end::date then 1 end) as previous_days
    from calendar
),
flows as (
    select env, 'day' as period, vault_type, claimed, eligible, expired, total, 0 as missing_days, 1 as extracted_days
    from vault_daily
    union all
    select vault_quarter.env, 'qtd', vault_type, claimed, eligible, expired, total, in_quarter, 1
    from vault_quarter
    cross join missing_days
    union all
    select
        vault_quarter.env, 'prev_qtd', vault_quarter.vault_type, coalesce(previous_quarter.claimed, 0),
        coalesce(previous_quarter.eligible, 0), coalesce(previous_quarter.expired, 0), coalesce(previous_quarter.total, 0),
        in_previous_quarter, previous_days
    from vault_quarter
    left join previous_quarter
        on vault_quarter.env = previous_quarter.env and vault_quarter.vault_type = previous_quarter.vault_type
    cross join missing_days
),
rates as (
    select
        env, 'vault_claim_rate_by_type' as metric, period, vault_type, claimed as numerator, eligible as denominator, missing_days,
        extracted_days
    from flows
    union all
    select env, 'vault_expire_rate_by_type', period, vault_type, expired, total, missing_days, extracted_days
    from flows
),
rates_with_users as (
    select
        env, metric, period, vault_type, numerator, denominator, missing_days, extracted_days,
        case
            when vault_type = 'ALL'
                then max(case when vault_type <> 'ALL' then denominator end) over (partition by env, metric, period)
            else denominator
        end as users
    from rates
),
-- Wilson: (center - half, center + half) / spread
wilson as (
    select 1.959963984540054::double as z
),
intervals as (
    select
        env, metric, period, vault_type, numerator, denominator, missing_days, extracted_days, users,
        numerator + z * z / 2 as center,
        case
            when denominator > 0 and numerator <= denominator
                then z * sqrt(numerator::double * (denominator - numerator)::double / denominator::double + z * z / 4)
        end as half,
        denominator + z * z as spread
    from rates_with_users
    cross join wilson
),
final as (
    select
        $dt::date as dt, env, metric, period, vault_type, 'ALL' as variant_id, 'ALL' as segment, 'rate' as statistic,
        case when denominator > 0 then numerator::double / denominator::double end as value,
        numerator::bigint as numerator,
        denominator::bigint as denominator,
        denominator::bigint as sample_size,
        users::bigint as users,
        -- at the ends of the scale the difference is 0 or 1 exactly, which doubles miss by a rounding
        case when numerator = 0 then half * 0 else (center - half) / spread end as ci_low,
        case when numerator = denominator then half * 0 + 1 else (center + half) / spread end as ci_high,
        case when denominator = 0 then 'no_data' when missing_days > 0 then 'partial' else 'ok' end as state,
        case
            when missing_days > 0 and (denominator > 0 or extracted_days = 0) then 'missing_days=' || missing_days::varchar
            when denominator = 0 then 'zero_denominator'
        end as reason,
        'ratio' as unit
    from intervals
)
select
    dt, env, metric, period, vault_type, variant_id, segment, statistic, value, numerator, denominator, sample_size, users, ci_low,
    ci_high, state, reason, unit
from final
order by dt, env, metric, period, vault_type, variant_id, segment, statistic
