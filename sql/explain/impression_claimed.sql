-- impression_claimed: the users with an impression whose window has passed, and the first claim within one.
-- rows: one per user      adds up: numerator and denominator, as in impression_daily
-- source: docs/definitions.md section 5, social_proof_claim_within_24h and loss_banner_claim_within_1h
with impressions as (
    select
        user_key, coalesce(vault_type, 'untyped') as vault_type, ts as seen_at,
        case when $metric like 'social_proof%' then ts + interval '24' hour else ts + interval '1' hour end as window_end
    from events
    where dt = $dt::date and env = $env
        and event = case when $metric like 'social_proof%' then 'SOCIAL_PROOF_IMPRESSION' else 'LOSS_BANNER_IMPRESSION' end
        and ($vault_type = 'ALL' or coalesce(vault_type, 'untyped') = $vault_type)
),
claims as (
    select user_key, vault_type, ts from vault_outcome where env = $env and event = 'VAULT_CLAIMED'
),
impressions_followed as (
    select impressions.user_key, impressions.vault_type, impressions.seen_at, claims.ts as claimed_at
    from impressions
    left join claims
        on impressions.user_key = claims.user_key
        and (impressions.vault_type = 'untyped' or impressions.vault_type = claims.vault_type)
        and claims.ts between impressions.seen_at and impressions.window_end
    where impressions.window_end < $known_until::timestamp
)
select
    user_key, string_agg(distinct vault_type, ' ' order by vault_type) as types, min(seen_at) as seen_at,
    min(claimed_at) as claimed_at, case when min(impressions_followed.claimed_at) is not null then 1 else 0 end as numerator, 1 as denominator
from impressions_followed
group by user_key
order by numerator desc, user_key
