-- metrics_vault_rates: both vault rates, for metric_daily to judge.
-- grain: one row per (dt, env, metric, period, vault_type, variant_id, segment, statistic)      key: the same
-- inputs: vault_daily, vault_quarter, env_source (dt = $dt), vault_quarter of the newest extracted day of the aligned previous
--     quarter, calendar (the extracted days from the first day of the quarter before to $dt)
-- source: docs/definitions.md section 5
-- absent: nothing to divide by is no_data, never 0
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
final as (
    select
        $dt::date as dt, rates_with_users.env, metric, 'ALL' as part, period, vault_type, 'ALL' as variant_id, 'ALL' as segment,
        'rate' as statistic, 'ratio' as unit, true as is_fixed,
        numerator::bigint as numerator,
        denominator::bigint as denominator,
        null::double as value,
        denominator::bigint as sample_size,
        users::bigint as users,
        0::bigint as immature_windows,
        missing_days::bigint as missing_days,
        case when env_source.follows_snapshots then 'from_snapshots' end as ok_reason,
        case when extracted_days = 0 then 'missing_days=' || missing_days::varchar end as no_data_reason
    from rates_with_users
    left join env_source
        on rates_with_users.env = env_source.env
)
select
    dt, env, metric, part, period, vault_type, variant_id, segment, statistic, unit, is_fixed, numerator, denominator, value, sample_size,
    users, immature_windows, missing_days, ok_reason, no_data_reason
from final
