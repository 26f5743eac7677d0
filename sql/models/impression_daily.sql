-- impression_daily: the day's users who saw social proof or a loss banner, and how many of them clicked it and claimed in time.
-- grain: one row per (dt, env, event, vault_type) with an impression, and ALL types      key: dt, env, event, vault_type
-- inputs: events (dt = $dt), vault_outcome of the days that 24 hours reach
-- source: docs/definitions.md section 5, social_proof_* and loss_banner_*
-- absent: a type without an impression on the day has no row
with
-- steps: the day's impressions and clicks, and the claims that may follow one; a click has the kind of its impression
steps as (
    select
        case when event in ('SOCIAL_PROOF_IMPRESSION', 'LOSS_BANNER_IMPRESSION') then 'impression' else 'click' end as step,
        case
            when event in ('SOCIAL_PROOF_IMPRESSION', 'SOCIAL_PROOF_CLICKED') then 'SOCIAL_PROOF_IMPRESSION'
            else 'LOSS_BANNER_IMPRESSION'
        end as event,
        env, user_key, coalesce(vault_type, 'untyped') as vault_type, ts
    from events
    where dt = $dt::date
        and event in ('SOCIAL_PROOF_IMPRESSION', 'SOCIAL_PROOF_CLICKED', 'LOSS_BANNER_IMPRESSION', 'LOSS_BANNER_CLICKED')
    union all
    select 'claim' as step, null as event, env, user_key, vault_type, ts
    from vault_outcome
    where event = 'VAULT_CLAIMED'
),
steps_with_what_follows as (
    select
        step, event, env, user_key, vault_type,
        case event when 'LOSS_BANNER_IMPRESSION' then ts + interval '1' hour else ts + interval '24' hour end as window_end,
        count(case when step = 'click' then 1 end) over (
            partition by env, user_key, event, vault_type
            order by ts nulls first range between current row and unbounded following
        ) as clicks,
        -- of both windows the longer: a claim within the hour is the first of those within the day
        min(case when step = 'claim' then ts end) over (
            partition by env, user_key, vault_type
            order by ts nulls first range between current row and interval '24' hour following
        ) as claim_of_type_at,
        min(case when step = 'claim' then ts end) over (
            partition by env, user_key
            order by ts nulls first range between current row and interval '24' hour following
        ) as claim_at
    from steps
),
impressions as (
    select
        env, event, vault_type, user_key,
        case when clicks > 0 then user_key end as clicked_user_key,
        case when window_end < $known_until::timestamp then 1 end as mature,
        case when window_end < $known_until::timestamp then user_key end as mature_user_key,
        case
            when window_end < $known_until::timestamp
                and case vault_type when 'untyped' then claim_at else claim_of_type_at end <= window_end
                then user_key
        end as claimed_user_key
    from steps_with_what_follows
    where step = 'impression'
),
splits as (
    select
        env, event, vault_type,
        count(*) as impressions,
        count(distinct user_key) as users,
        count(distinct clicked_user_key) as clicked_users,
        count(mature) as mature_impressions,
        count(distinct mature_user_key) as mature_users,
        count(distinct claimed_user_key) as claimed_users
    from impressions
    group by grouping sets ((env, event), (env, event, vault_type))
),
final as (
    select
        $dt::date as dt, env, event,
        coalesce(vault_type, 'ALL') as vault_type,
        impressions, users, clicked_users, mature_impressions, mature_users, claimed_users
    from splits
)
select
    dt, env, event, vault_type, impressions, users, clicked_users, mature_impressions, mature_users, claimed_users
from final
order by dt, env, event, vault_type
