-- alert_click: when users clicked an alert of a variant.
-- grain: one row per (dt, env, user_key, variant_id, ts)      key: the same      inputs: events (dt = $dt)
-- source: docs/definitions.md section 5, alert_click_rate
-- absent: several clicks at one instant are one row; a click without a variant is of the variant untagged
with clicks as (
    select env, user_key, coalesce(variant_id, 'untagged') as variant_id, ts
    from events
    where dt = $dt::date and event = 'ALERT_CLICKED'
),
final as (
    select $dt::date as dt, env, user_key, variant_id, ts
    from clicks
    group by env, user_key, variant_id, ts
)
select dt, env, user_key, variant_id, ts from final order by dt, env, user_key, variant_id, ts
