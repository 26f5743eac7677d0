-- The same from all events and snapshots: every vault's life is told once, for a state has no beginning in the quarter.
with
effects as (
    select
        env, user_key, vault_type, dt, ts, req_id, event,
        case event when 'VAULT_UNLOCKED' then 'UNLOCKED' when 'VAULT_CLAIMED' then 'CLAIMED' when 'VAULT_EXPIRED' then 'EXPIRED' end as sets_status,
        case event when 'VAULT_UNLOCKED' then 1 when 'VAULT_CLAIMED' then 2 when 'VAULT_EXPIRED' then 3 when 'REFERRAL_REVIVED' then 4 else 5 end as turn
    from events
    where event in ('VAULT_UNLOCKED', 'VAULT_CLAIMED', 'VAULT_EXPIRED', 'REFERRAL_REVIVED', 'EXPIRY_EXTENDED')
        and (event <> 'EXPIRY_EXTENDED' or (vault_type is not null and not shadow))
        and vault_type is distinct from 'BONUS'
),
named as (
    select env, user_key, vault_type, min(dt) as first_dt from effects where vault_type is not null group by all
),
-- the first snapshot that makes a vault known: as LOCKED or UNLOCKED, on the first day of all as anything
first_day as (select min(dt) as dt from events),
snapshots as (
    select
        env, user_key,
        arg_min({dt: dt, status: gold_status}, dt) filter (gold_status in ('ACTIVE', 'LOCKED', 'UNLOCKED') or gold_status is not null and dt = (from first_day)) as gold,
        arg_min({dt: dt, status: platinum_status}, dt) filter (platinum_status in ('ACTIVE', 'LOCKED', 'UNLOCKED') or platinum_status is not null and dt = (from first_day)) as platinum,
        arg_min({dt: dt, status: diamond_status}, dt) filter (diamond_status in ('ACTIVE', 'LOCKED', 'UNLOCKED') or diamond_status is not null and dt = (from first_day)) as diamond
    from vault_status
    group by env, user_key
),
seen as (
    select env, user_key, 'GOLD' as vault_type, gold.dt as dt, gold.status as status from snapshots where gold is not null
    union all
    select env, user_key, 'PLATINUM', platinum.dt, platinum.status from snapshots where platinum is not null
    union all
    select env, user_key, 'DIAMOND', diamond.dt, diamond.status from snapshots where diamond is not null
),
vaults as (
    select env, user_key, vault_type from named union select env, user_key, vault_type from seen
),
steps as (
    select env, user_key, vault_type, dt, ts, turn, req_id, event, sets_status, true as makes_known from effects where vault_type is not null
    union all
    select env, user_key, vaults.vault_type, dt, ts, turn, req_id, event, null, false
    from effects inner join vaults using (env, user_key)
    where effects.vault_type is null
    union all
    select env, user_key, vault_type, seen.dt, null, 6, null, 'snapshot', replace(status, 'ACTIVE', 'LOCKED'), true
    from seen left join named using (env, user_key, vault_type)
    where named.first_dt is null or named.first_dt > seen.dt
),
-- a stretch begins with a status; within it only a revival changes it, and once
stretches as (
    select *, count(sets_status) over life as stretch, count(case when makes_known then 1 end) over life as known
    from steps
    window life as (partition by env, user_key, vault_type order by dt, ts nulls last, turn, req_id nulls first rows unbounded preceding)
),
revivals as (
    select
        *, coalesce(max(sets_status) over stretch, 'LOCKED') as base,
        count(case when event = 'REFERRAL_REVIVED' then 1 end) over stretch as revived
    from stretches
    where known > 0
    window stretch as (partition by env, user_key, vault_type, stretch order by dt, ts nulls last, turn, req_id nulls first rows unbounded preceding)
),
days as (
    select
        env, user_key, vault_type, dt,
        arg_max(case when base = 'EXPIRED' and revived > 0 then 'UNLOCKED' else base end, {n: ts is null, ts: ts, turn: turn, revived: revived, req: coalesce(req_id::varchar, '')}) as status,
        bool_or(event = 'VAULT_UNLOCKED') as unlocked, bool_or(event = 'VAULT_CLAIMED') as claimed, bool_or(event = 'VAULT_EXPIRED') as expired,
        bool_or(event = 'REFERRAL_REVIVED' and base = 'EXPIRED' and revived = 1) as reopened
    from revivals
    group by all
),
moves as (
    select *, lag(status) over (partition by env, user_key, vault_type order by dt) as before from days
),
flows as (
    select
        env, vault_type, dt, claimed, expired,
        coalesce(before = 'UNLOCKED', false) as was_open, status = 'UNLOCKED' as is_open,
        coalesce(before in ('LOCKED', 'UNLOCKED'), false) as was_live, status in ('LOCKED', 'UNLOCKED') as is_live,
        unlocked or claimed or reopened or (before is null and status = 'UNLOCKED') as becomes_eligible,
        before is null or unlocked or expired or reopened as becomes_part
    from moves
),
-- a period's sums: what stood open, or live, before it, and what each day added
periods as (
    select 'qtd' as period, date_trunc('quarter', $dt::date)::date as first, $dt::date as last
    union all
    select
        'prev_qtd', (date_trunc('quarter', $dt::date) - interval 3 months)::date,
        least(
            ((date_trunc('quarter', $dt::date) - interval 3 months)::date + ($dt::date - date_trunc('quarter', $dt::date)::date)::integer)::date,
            (date_trunc('quarter', $dt::date) - interval 1 day)::date
        )
),
sums as (
    select
        env, coalesce(vault_type, 'ALL') as vault_type, period,
        count(*) filter (dt >= first and claimed) as claimed,
        count(*) filter (dt >= first and becomes_eligible and not was_open)
            + count(*) filter (dt < first and is_open) - count(*) filter (dt < first and was_open) as eligible,
        count(*) filter (dt >= first and expired) as expired,
        count(*) filter (dt >= first and becomes_part and not was_live)
            + count(*) filter (dt < first and is_live) - count(*) filter (dt < first and was_live) as total
    from flows inner join periods on dt <= last
    group by grouping sets ((env, vault_type, period), (env, period))
)
select
    today.env, today.vault_type, today.claimed, today.eligible, today.expired, today.total,
    coalesce(previous.claimed, 0), coalesce(previous.eligible, 0), coalesce(previous.expired, 0), coalesce(previous.total, 0),
    (today.claimed / today.eligible) / (previous.claimed / previous.eligible) - 1 as relative
from (from sums where period = 'qtd') as today
left join (from sums where period = 'prev_qtd') as previous using (env, vault_type)
where today.total > 0
order by today.env, today.vault_type
