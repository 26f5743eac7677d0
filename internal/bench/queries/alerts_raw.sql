-- The same from all events: whether a claim follows each alert, of its type where it has one. Not by an ASOF join: that of
-- DuckDB 1.5.6 takes two user keys that are equal up to a zero byte for one user.
with
known_until as (
    select ((max(dt) + interval 1 day)::timestamp at time zone 'Asia/Seoul') at time zone 'UTC' as until from events
),
alerts as (
    select
        dt, env, vault_type,
        exists (
            select 1 from events as claims
            where claims.event = 'VAULT_CLAIMED'
                and claims.env = alerts.env and claims.user_key = alerts.user_key
                and (alerts.vault_type is null or claims.vault_type = alerts.vault_type)
                and claims.ts between alerts.ts and alerts.ts + interval 24 hours
        ) as claimed
    from events as alerts
    where event = 'ALERT_SENT' and ts + interval 24 hours < (select until from known_until)
)
select
    dt, env, case when grouping(vault_type) = 1 then 'ALL' else coalesce(vault_type, 'untyped') end as vault_type,
    count(*) as mature_alerts, count(*) filter (claimed) as claimed_alerts
from alerts
group by grouping sets ((dt, env, vault_type), (dt, env))
order by all
