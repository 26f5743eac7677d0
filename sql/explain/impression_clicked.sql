-- impression_clicked: the users who saw social proof, or a loss banner, and the first click that followed an impression.
-- rows: one per user      adds up: numerator and denominator, as in impression_daily
-- source: docs/definitions.md section 5, social_proof_click_rate and loss_banner_click_rate
with impressions as (
    select user_key, coalesce(vault_type, 'untyped') as vault_type, min(ts) as seen_at, count(*) as impressions
    from events
    where dt = $dt::date and env = $env
        and event = case when $metric like 'social_proof%' then 'SOCIAL_PROOF_IMPRESSION' else 'LOSS_BANNER_IMPRESSION' end
        and ($vault_type = 'ALL' or coalesce(vault_type, 'untyped') = $vault_type)
    group by user_key, coalesce(vault_type, 'untyped')
),
clicks as (
    select user_key, coalesce(vault_type, 'untyped') as vault_type, ts
    from events
    where dt = $dt::date and env = $env
        and event = case when $metric like 'social_proof%' then 'SOCIAL_PROOF_CLICKED' else 'LOSS_BANNER_CLICKED' end
),
types_clicked as (
    select
        impressions.user_key, impressions.vault_type, impressions.seen_at, impressions.impressions, min(clicks.ts) as clicked_at
    from impressions
    left join clicks
        on impressions.user_key = clicks.user_key and impressions.vault_type = clicks.vault_type and impressions.seen_at <= clicks.ts
    group by impressions.user_key, impressions.vault_type, impressions.seen_at, impressions.impressions
)
select
    user_key, string_agg(vault_type, ' ' order by vault_type) as types, sum(impressions)::bigint as impressions,
    min(seen_at) as seen_at, min(clicked_at) as clicked_at,
    case when min(types_clicked.clicked_at) is not null then 1 else 0 end as numerator, 1 as denominator
from types_clicked
group by user_key
order by numerator desc, user_key
