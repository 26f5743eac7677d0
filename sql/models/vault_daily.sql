-- vault_daily: the day's flows in distinct vaults.
-- grain: one row per (dt, env, vault_type), the three types and ALL, for every env of the day      key: dt, env, vault_type
-- inputs: env_source, vault_move, vault_state (dt = $dt), vault_state of the extracted day before
-- source: docs/definitions.md section 4
-- absent: drift is NULL on a day without a snapshot
with vault_types as (
    select vault_type from (values ('GOLD'), ('PLATINUM'), ('DIAMOND')) as types(vault_type)
),
counts_at_start as (
    select
        env, vault_type, count(*) as known,
        count(case when status = 'UNLOCKED' then 1 end) as open_start,
        count(case when status in ('LOCKED', 'UNLOCKED') then 1 end) as live_start
    from vault_state_before
    group by env, vault_type
),
counts_at_end as (
    select
        env, vault_type, count(*) as known,
        count(case when status = 'LOCKED' then 1 end) as locked_end,
        count(case when status = 'UNLOCKED' then 1 end) as open_end,
        count(case when status = 'CLAIMED' then 1 end) as claimed_end,
        count(case when status = 'EXPIRED' then 1 end) as expired_end
    from vault_state
    group by env, vault_type
),
-- eligible and total are unions: what the day adds to the vaults that were open, or live, at its start
counts_of_moves as (
    select
        env, vault_type,
        count(case when unlocked then 1 end) as unlocked,
        count(case when claimed then 1 end) as claimed,
        count(case when expired then 1 end) as expired,
        count(case when reopenings > 0 then 1 end) as reopened,
        count(case when is_new then 1 end) as new_vaults,
        count(
            case
                when status_before <> 'UNLOCKED'
                    and (unlocked or claimed or reopenings > 0 or (is_new and status = 'UNLOCKED'))
                    then 1
            end
        ) as became_eligible,
        count(
            case
                when is_new
                    or (
                        status_before not in ('LOCKED', 'UNLOCKED')
                        and (unlocked or expired or reopenings > 0)
                    )
                    then 1
            end
        ) as became_part_of_total,
        sum(invalid_transitions) as invalid_transitions,
        count(case when drifts then 1 end) as drift
    from vault_move
    group by env, vault_type
),
flows_per_type as (
    select
        env_source.env, vault_types.vault_type,
        coalesce(counts_at_start.open_start, 0) as open_start,
        coalesce(counts_at_start.live_start, 0) as live_start,
        coalesce(counts_of_moves.unlocked, 0) as unlocked,
        coalesce(counts_of_moves.claimed, 0) as claimed,
        coalesce(counts_of_moves.expired, 0) as expired,
        coalesce(counts_of_moves.reopened, 0) as reopened,
        coalesce(counts_of_moves.new_vaults, 0) as new,
        coalesce(counts_at_start.open_start, 0) + coalesce(counts_of_moves.became_eligible, 0) as eligible,
        coalesce(counts_at_start.live_start, 0) + coalesce(counts_of_moves.became_part_of_total, 0) as total,
        coalesce(counts_at_end.locked_end, 0) as locked_end,
        coalesce(counts_at_end.open_end, 0) as open_end,
        coalesce(counts_at_end.claimed_end, 0) as claimed_end,
        coalesce(counts_at_end.expired_end, 0) as expired_end,
        coalesce(counts_at_start.known, 0) + coalesce(counts_of_moves.new_vaults, 0) - coalesce(counts_at_end.known, 0) as retired,
        coalesce(counts_of_moves.invalid_transitions, 0) as invalid_transitions,
        case when env_source.has_snapshot then coalesce(counts_of_moves.drift, 0) end as drift
    from env_source
    cross join vault_types
    left join counts_at_start
        on env_source.env = counts_at_start.env and vault_types.vault_type = counts_at_start.vault_type
    left join counts_at_end
        on env_source.env = counts_at_end.env and vault_types.vault_type = counts_at_end.vault_type
    left join counts_of_moves
        on env_source.env = counts_of_moves.env and vault_types.vault_type = counts_of_moves.vault_type
),
final as (
    select
        $dt::date as dt, env, coalesce(vault_type, 'ALL') as vault_type,
        sum(open_start)::bigint as open_start,
        sum(live_start)::bigint as live_start,
        sum(unlocked)::bigint as unlocked,
        sum(claimed)::bigint as claimed,
        sum(expired)::bigint as expired,
        sum(reopened)::bigint as reopened,
        sum(new)::bigint as new,
        sum(eligible)::bigint as eligible,
        sum(total)::bigint as total,
        sum(locked_end)::bigint as locked_end,
        sum(open_end)::bigint as open_end,
        sum(claimed_end)::bigint as claimed_end,
        sum(expired_end)::bigint as expired_end,
        sum(retired)::bigint as retired,
        sum(invalid_transitions)::bigint as invalid_transitions,
        sum(drift)::bigint as drift
    from flows_per_type
    group by grouping sets ((env, vault_type), (env))
)
select
    dt, env, vault_type, open_start, live_start, unlocked, claimed, expired, reopened, new, eligible, total, locked_end, open_end,
    claimed_end, expired_end, retired, invalid_transitions, drift
from final
order by dt, env, vault_type
