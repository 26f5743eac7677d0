-- Types and variants add up to ALL where lines or vaults are counted; users of a split lie between its largest part and their sum.
-- What is mature lies within the day, what followed within what is mature. Unlocked vaults are those of vault_daily.
with alert_splits as (
    select day, env, 'types' as split, vault_type = 'ALL' as is_whole, alerts, users, mature_alerts, clicked_alerts, claimed_alerts
    from alert_daily
    where variant_id = 'ALL'
    union all
    select day, env, 'variants', variant_id = 'ALL', alerts, users, mature_alerts, clicked_alerts, claimed_alerts
    from alert_daily
    where vault_type = 'ALL'
)
select day, env, split as which, 'alerts that do not add up' as fault
from alert_splits
group by day, env, split
having sum(case when is_whole then alerts else -alerts end) <> 0
    or sum(case when is_whole then mature_alerts else -mature_alerts end) <> 0
    or sum(case when is_whole then clicked_alerts else -clicked_alerts end) <> 0
    or sum(case when is_whole then claimed_alerts else -claimed_alerts end) <> 0
    or sum(case when is_whole then users else -users end) > 0
    or max(case when is_whole then users end) < max(case when not is_whole then users end)
union all
select day, env, event, 'impressions that do not add up'
from impression_daily
group by day, env, event
having sum(case when vault_type = 'ALL' then impressions else -impressions end) <> 0
    or sum(case when vault_type = 'ALL' then mature_impressions else -mature_impressions end) <> 0
    or sum(case when vault_type = 'ALL' then users else -users end) > 0
    or sum(case when vault_type = 'ALL' then clicked_users else -clicked_users end) > 0
    or sum(case when vault_type = 'ALL' then claimed_users else -claimed_users end) > 0
union all
select day, env, 'unlocks', 'vaults that do not add up'
from unlock_daily
group by day, env
having sum(case when vault_type = 'ALL' then vaults else -vaults end) <> 0
    or sum(case when vault_type = 'ALL' then mature_vaults else -mature_vaults end) <> 0
    or sum(case when vault_type = 'ALL' then claimed_vaults else -claimed_vaults end) <> 0
    or sum(case when vault_type = 'ALL' then expired_vaults else -expired_vaults end) <> 0
union all
select day, env, 'alerts', 'a part beyond its whole'
from alert_daily
where mature_alerts > alerts or mature_users > users or mature_users > mature_alerts or users > alerts
    or clicked_alerts > mature_alerts or claimed_alerts > mature_alerts
union all
select day, env, event, 'a part beyond its whole'
from impression_daily
where mature_impressions > impressions or mature_users > users or users > impressions or clicked_users > users or claimed_users > mature_users
union all
select day, env, 'unlocks', 'a part beyond its whole'
from unlock_daily
where mature_vaults > vaults or mature_users > mature_vaults or claimed_vaults > mature_vaults or expired_vaults > mature_vaults
union all
select vault_daily.day, vault_daily.env, vault_daily.vault_type, 'vaults unlocked that vault_daily does not have'
from vault_daily
inner join env_source
    on vault_daily.day = env_source.day and vault_daily.env = env_source.env
left join unlock_daily
    on vault_daily.day = unlock_daily.day and vault_daily.env = unlock_daily.env and vault_daily.vault_type = unlock_daily.vault_type
where not env_source.follows_snapshots and vault_daily.unlocked <> coalesce(unlock_daily.vaults, 0)
