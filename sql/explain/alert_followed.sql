-- alert_followed: the alerts whose 24 hours have passed, and the first click or claim that followed.
-- rows: one per alert      adds up: numerator and denominator, as in alert_daily
-- source: docs/definitions.md section 5, alert_*
with alerts as (
    select
        ts as sent_at, user_key, coalesce(vault_type, 'untyped') as vault_type, coalesce(variant_id, 'untagged') as variant_id,
        row_number() over (order by ts, user_key, vault_type, variant_id, notify_type, req_id, trace_id) as number
    from events
    where dt = $dt::date and env = $env and event = 'ALERT_SENT'
        and ts + interval '24' hour < $known_until::timestamp
        and ($vault_type = 'ALL' or coalesce(vault_type, 'untyped') = $vault_type)
        and ($variant_id = 'ALL' or coalesce(variant_id, 'untagged') = $variant_id)
),
-- answers: a click is of the alert's variant, whatever the type; a claim is of its type where it has one, whatever the variant
answers as (
    select user_key, null as vault_type, variant_id, ts from alert_click where $metric = 'alert_click_rate' and env = $env
    union all
    select user_key, vault_type, null as variant_id, ts
    from vault_outcome
    where $metric <> 'alert_click_rate' and env = $env and event = 'VAULT_CLAIMED'
),
alerts_answered as (
    select alerts.number, alerts.sent_at, alerts.user_key, alerts.vault_type, alerts.variant_id, min(answers.ts) as followed_at
    from alerts
    left join answers
        on alerts.user_key = answers.user_key
        and answers.ts between alerts.sent_at and alerts.sent_at + interval '24' hour
        and case $metric
            when 'alert_click_rate' then alerts.variant_id = answers.variant_id
            else alerts.vault_type = 'untyped' or alerts.vault_type = answers.vault_type
        end
    group by alerts.number, alerts.sent_at, alerts.user_key, alerts.vault_type, alerts.variant_id
)
select
    sent_at, user_key, vault_type, variant_id, followed_at, case when followed_at is not null then 1 else 0 end as numerator,
    1 as denominator
from alerts_answered
order by numerator desc, number
