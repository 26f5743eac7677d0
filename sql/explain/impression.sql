-- impression: the impressions of social proof, or of loss banners.
-- rows: one per impression      adds up: value
-- source: docs/definitions.md section 5, social_proof_impression_count and loss_banner_impressions
select ts, user_key, coalesce(vault_type, 'untyped') as vault_type, variant_id, req_id, 1 as value
from events
where dt = $dt::date and env = $env
    and event = case when $metric like 'social_proof%' then 'SOCIAL_PROOF_IMPRESSION' else 'LOSS_BANNER_IMPRESSION' end
    and ($vault_type = 'ALL' or coalesce(vault_type, 'untyped') = $vault_type)
order by ts, user_key, vault_type, variant_id, req_id
