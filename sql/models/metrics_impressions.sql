-- metrics_impressions: social proof and loss banners, and the clicks and claims that follow them, for metric_daily to judge.
-- grain: one row per (dt, env, metric, period, vault_type, variant_id, segment, statistic)      key: the same
-- inputs: env_seen, impression_daily (dt = $dt)
-- source: docs/definitions.md section 5, social_proof_* and loss_banner_*
-- absent: BONUS and untyped without an impression on the day; the three types and ALL have 0; loss banners have ALL types only
with fixed_splits as (
    select env_seen.env, fixed.event, fixed.vault_type
    from env_seen
    cross join (
        values
            ('SOCIAL_PROOF_IMPRESSION', 'ALL'),
            ('SOCIAL_PROOF_IMPRESSION', 'GOLD'),
            ('SOCIAL_PROOF_IMPRESSION', 'PLATINUM'),
            ('SOCIAL_PROOF_IMPRESSION', 'DIAMOND'),
            ('LOSS_BANNER_IMPRESSION', 'ALL')
    ) as fixed(event, vault_type)
),
splits as (
    select env, event, vault_type from fixed_splits
    union
    select env, event, vault_type from impression_daily where event = 'SOCIAL_PROOF_IMPRESSION'
),
impressions as (
    select
        splits.env, splits.event, splits.vault_type,
        fixed_splits.env is not null as is_fixed,
        coalesce(impression_daily.impressions, 0) as impressions,
        coalesce(impression_daily.users, 0) as users,
        coalesce(impression_daily.clicked_users, 0) as clicked_users,
        coalesce(impression_daily.mature_impressions, 0) as mature_impressions,
        coalesce(impression_daily.mature_users, 0) as mature_users,
        coalesce(impression_daily.claimed_users, 0) as claimed_users
    from splits
    left join fixed_splits
        on splits.env = fixed_splits.env and splits.event = fixed_splits.event and splits.vault_type = fixed_splits.vault_type
    left join impression_daily
        on splits.env = impression_daily.env
        and splits.event = impression_daily.event
        and splits.vault_type = impression_daily.vault_type
),
measured as (
    select
        env, event, 'impressions' as measure, vault_type, 'count' as statistic, 'count' as unit, is_fixed,
        null as numerator, null as denominator, impressions as value, impressions as sample_size, users, 0 as immature_windows
    from impressions
    union all
    select env, event, 'clicks', vault_type, 'rate', 'ratio', is_fixed, clicked_users, users, null, users, users, 0
    from impressions
    union all
    select
        env, event, 'claims', vault_type, 'rate', 'ratio', is_fixed,
        claimed_users, mature_users, null, mature_users, mature_users, impressions - mature_impressions
    from impressions
),
names as (
    select event, measure, metric
    from (
        values
            ('SOCIAL_PROOF_IMPRESSION', 'impressions', 'social_proof_impression_count'),
            ('SOCIAL_PROOF_IMPRESSION', 'clicks', 'social_proof_click_rate'),
            ('SOCIAL_PROOF_IMPRESSION', 'claims', 'social_proof_claim_within_24h'),
            ('LOSS_BANNER_IMPRESSION', 'impressions', 'loss_banner_impressions'),
            ('LOSS_BANNER_IMPRESSION', 'clicks', 'loss_banner_click_rate'),
            ('LOSS_BANNER_IMPRESSION', 'claims', 'loss_banner_claim_within_1h')
    ) as name(event, measure, metric)
),
final as (
    select
        $dt::date as dt, env, metric, 'ALL' as part, 'day' as period, vault_type, 'ALL' as variant_id, 'ALL' as segment, statistic, unit,
        is_fixed,
        numerator::bigint as numerator,
        denominator::bigint as denominator,
        value::double as value,
        sample_size::bigint as sample_size,
        users::bigint as users,
        immature_windows::bigint as immature_windows,
        0::bigint as missing_days,
        null::varchar as ok_reason,
        null::varchar as no_data_reason
    from measured
    inner join names
        on measured.event = names.event and measured.measure = names.measure
)
select
    dt, env, metric, part, period, vault_type, variant_id, segment, statistic, unit, is_fixed, numerator, denominator, value, sample_size,
    users, immature_windows, missing_days, ok_reason, no_data_reason
from final
