-- alert_daily: the day's alerts, and how many of them led to a click and to a claim within 24 hours.
-- grain: one row per (dt, env, vault_type, variant_id) with an alert; one of both splits is ALL      key: dt, env, vault_type, variant_id
-- inputs: events (dt = $dt), alert_click and vault_outcome of the days that 24 hours reach
-- source: docs/definitions.md section 5, alert_*
-- absent: a type or a variant without an alert on the day has no row
with
-- steps: the day's alerts, and the clicks and claims that may follow one
steps as (
    select
        'alert' as step, env, user_key, coalesce(vault_type, 'untyped') as vault_type, coalesce(variant_id, 'untagged') as variant_id, ts
    from events
    where dt = $dt::date and event = 'ALERT_SENT'
    union all
    select 'click' as step, env, user_key, null as vault_type, variant_id, ts
    from alert_click
    union all
    select 'claim' as step, env, user_key, vault_type, null as variant_id, ts
    from vault_outcome
    where event = 'VAULT_CLAIMED'
),
steps_with_what_follows as (
    select
        step, env, user_key, vault_type, variant_id,
        ts + interval '24' hour < $known_until::timestamp as is_mature,
        count(case when step = 'click' then 1 end) over (
            partition by env, user_key, variant_id
            order by ts nulls first range between current row and interval '24' hour following
        ) as clicks,
        count(case when step = 'claim' then 1 end) over (
            partition by env, user_key, vault_type
            order by ts nulls first range between current row and interval '24' hour following
        ) as claims_of_type,
        count(case when step = 'claim' then 1 end) over (
            partition by env, user_key
            order by ts nulls first range between current row and interval '24' hour following
        ) as claims
    from steps
),
alerts as (
    select
        env, vault_type, variant_id, user_key,
        case when is_mature then user_key end as mature_user_key,
        case when is_mature then 1 end as mature,
        case when is_mature and clicks > 0 then 1 end as clicked,
        case when is_mature and case vault_type when 'untyped' then claims else claims_of_type end > 0 then 1 end as claimed
    from steps_with_what_follows
    where step = 'alert'
),
splits as (
    select
        env, vault_type, variant_id,
        count(*) as alerts,
        count(distinct user_key) as users,
        count(mature) as mature_alerts,
        count(distinct mature_user_key) as mature_users,
        count(clicked) as clicked_alerts,
        count(claimed) as claimed_alerts
    from alerts
    group by grouping sets ((env), (env, vault_type), (env, variant_id))
),
final as (
    select
        $dt::date as dt, env,
        coalesce(vault_type, 'ALL') as vault_type,
        coalesce(variant_id, 'ALL') as variant_id,
        alerts, users, mature_alerts, mature_users, clicked_alerts, claimed_alerts
    from splits
)
select
    dt, env, vault_type, variant_id, alerts, users, mature_alerts, mature_users, clicked_alerts, claimed_alerts
from final
order by dt, env, vault_type, variant_id
