-- vault_move_by_event: what the events of one business day did to every vault that one with an effect touched.
-- grain: one row per (dt, env, user_key, vault_type) touched      key: dt, env, user_key, vault_type
-- inputs: events, env_source (dt = $dt), vault_state of the extracted day before
-- source: docs/definitions.md section 3
-- absent: a vault that no event touched has no row; BONUS has no life cycle; a shadow extension has no effect; an env that
-- follows its snapshots has no row, whatever other kinds of events it has
with effective_events as (
    select
        events.env, user_key, vault_type, event, ts, expires_at,
        case event
            when 'VAULT_UNLOCKED' then 'UNLOCKED'
            when 'VAULT_CLAIMED' then 'CLAIMED'
            when 'VAULT_EXPIRED' then 'EXPIRED'
        end as sets_status,
        -- a user's events in the order of section 3: the effect's row of the table, req_id NULL first, then the file's order
        row_number() over (
            partition by events.env, user_key
            order by
                ts nulls first,
                case event
                    when 'VAULT_UNLOCKED' then 1
                    when 'VAULT_CLAIMED' then 2
                    when 'VAULT_EXPIRED' then 3
                    when 'REFERRAL_REVIVED' then 4
                    else 5
                end nulls first,
                req_id nulls first, vault_type nulls first, trace_id nulls first, status_before nulls first,
                status_after nulls first, expires_at nulls first, extension_reason nulls first
        ) as turn
    from events
    inner join env_source
        on events.env = env_source.env
    where events.dt = $dt::date
        and not env_source.follows_snapshots
        and (
            (event in ('VAULT_UNLOCKED', 'VAULT_CLAIMED', 'VAULT_EXPIRED') and vault_type in ('GOLD', 'PLATINUM', 'DIAMOND'))
            or (
                (event = 'REFERRAL_REVIVED' or (event = 'EXPIRY_EXTENDED' and shadow = false))
                and (vault_type is null or vault_type in ('GOLD', 'PLATINUM', 'DIAMOND'))
            )
        )
),
users_of_the_day as (
    select env, user_key
    from effective_events
    group by env, user_key
),
vaults_known_before as (
    select known.env, known.user_key, known.vault_type, known.status, known.expires_at
    from users_of_the_day
    inner join vault_state_before as known
        on users_of_the_day.env = known.env and users_of_the_day.user_key = known.user_key
),
vaults_named as (
    select env, user_key, vault_type, min(turn) as first_turn
    from effective_events
    where vault_type is not null
    group by env, user_key, vault_type
),
vaults as (
    select
        coalesce(known.env, named.env) as env,
        coalesce(known.user_key, named.user_key) as user_key,
        coalesce(known.vault_type, named.vault_type) as vault_type,
        coalesce(known.status, 'LOCKED') as start_status,
        known.expires_at as start_expires_at,
        -- the turn at which the vault becomes known: 0 if it was before the day
        case when known.status is null then named.first_turn else 0 end as known_from
    from vaults_known_before as known
    full outer join vaults_named as named
        on known.env = named.env and known.user_key = named.user_key and known.vault_type = named.vault_type
),
-- an event without a type acts on the user's vaults that are known at its turn
applied_events as (
    select
        vaults.env, vaults.user_key, vaults.vault_type, vaults.start_status, vaults.start_expires_at, vaults.known_from,
        event.turn, event.event, event.ts, event.expires_at, event.sets_status
    from effective_events as event
    inner join vaults
        on event.env = vaults.env
        and event.user_key = vaults.user_key
        and (event.vault_type = vaults.vault_type or (event.vault_type is null and event.turn > vaults.known_from))
),
-- a stretch begins with a VAULT_ event, or with the day; within it only a revival changes the status, and once
stretches as (
    select
        env, user_key, vault_type, start_status, start_expires_at, known_from, turn, event, ts, expires_at, sets_status,
        count(sets_status) over (
            partition by env, user_key, vault_type order by turn nulls first rows between unbounded preceding and current row
        ) as stretch,
        count(expires_at) over (
            partition by env, user_key, vault_type order by turn nulls first rows between 1 following and unbounded following
        ) as later_expiries
    from applied_events
),
statuses as (
    select
        env, user_key, vault_type, start_status, start_expires_at, known_from, turn, event, ts, expires_at, later_expiries,
        coalesce(
            max(sets_status) over (
                partition by env, user_key, vault_type, stretch order by turn nulls first
                rows between unbounded preceding and current row
            ),
            start_status
        ) as stretch_status,
        count(case when event = 'REFERRAL_REVIVED' then 1 end) over (
            partition by env, user_key, vault_type, stretch order by turn nulls first
            rows between unbounded preceding and current row
        ) as revivals
    from stretches
),
statuses_after as (
    select
        env, user_key, vault_type, start_status, start_expires_at, known_from, turn, event, ts, expires_at, later_expiries,
        case when stretch_status = 'EXPIRED' and revivals > 0 then 'UNLOCKED' else stretch_status end as status_after
    from statuses
),
steps as (
    select
        env, user_key, vault_type, start_status, start_expires_at, known_from, turn, event, ts, expires_at, later_expiries, status_after,
        lag(status_after, 1, start_status) over (
            partition by env, user_key, vault_type order by turn nulls first
        ) as status_before,
        lead(turn) over (partition by env, user_key, vault_type order by turn nulls first) is null as is_last
    from statuses_after
),
final as (
    select
        $dt::date as dt, env, user_key, vault_type,
        max(known_from) > 0 as is_new,
        max(start_status) as status_before,
        max(case when is_last then status_after end) as status,
        count(case when status_after <> status_before then 1 end) > 0 as entered,
        coalesce(max(case when later_expiries = 0 then expires_at end), max(start_expires_at)) as expires_at,
        max(case when event = 'VAULT_UNLOCKED' then ts end) as unlocked_at,
        max(case when event = 'VAULT_CLAIMED' then ts end) as claimed_at,
        max(case when event = 'VAULT_EXPIRED' then ts end) as expired_at,
        count(case when event = 'REFERRAL_REVIVED' and status_before = 'EXPIRED' then 1 end) as reopenings,
        count(
            case
                when turn = known_from then null
                when event = 'VAULT_UNLOCKED' and status_before <> 'LOCKED' then 1
                when event = 'VAULT_CLAIMED' and status_before <> 'UNLOCKED' then 1
                when event = 'VAULT_EXPIRED' and status_before not in ('LOCKED', 'UNLOCKED') then 1
            end
        ) as invalid_transitions
    from steps
    group by env, user_key, vault_type
)
select
    dt, env, user_key, vault_type, is_new, status_before, status, entered, expires_at, unlocked_at, claimed_at, expired_at,
    reopenings::bigint as reopenings, invalid_transitions::bigint as invalid_transitions
from final
order by dt, env, user_key, vault_type
