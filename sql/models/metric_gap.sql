-- metric_gap: which metric of which env, or which part of it, cannot be computed on the day, and why.
-- grain: one row per (dt, env, metric, part) that cannot be computed      key: dt, env, metric, part
-- inputs: env_source, source_catalogue (dt = $dt)
-- source: docs/definitions.md section 5, not_computable; section 3, without events; docs/sources.md
-- absent: what can be computed
with
-- needed: what a metric, or a part of it, needs, in the order in which its lack is named. vaults_by says for which envs: those whose vaults
-- follow events, or those whose vaults follow snapshots (NULL: for all)
needed as (
    select metric, part, place, vaults_by, kind, name, column_name
    from (
        values
            ('vault_claim_rate_by_type', 'ALL', 1, 'events', 'event', 'VAULT_UNLOCKED', null),
            ('vault_claim_rate_by_type', 'ALL', 2, 'events', 'event', 'VAULT_CLAIMED', null),
            ('vault_claim_rate_by_type', 'ALL', 3, 'events', 'event', 'VAULT_EXPIRED', null),
            ('vault_claim_rate_by_type', 'ALL', 4, 'snapshots', 'table', 'vault_status', null),
            ('vault_expire_rate_by_type', 'ALL', 1, 'events', 'event', 'VAULT_UNLOCKED', null),
            ('vault_expire_rate_by_type', 'ALL', 2, 'events', 'event', 'VAULT_CLAIMED', null),
            ('vault_expire_rate_by_type', 'ALL', 3, 'events', 'event', 'VAULT_EXPIRED', null),
            ('vault_expire_rate_by_type', 'ALL', 4, 'snapshots', 'table', 'vault_status', null),
            ('vault_invalid_transition_count', 'ALL', 1, null, 'event', 'VAULT_UNLOCKED', null),
            ('vault_invalid_transition_count', 'ALL', 2, null, 'event', 'VAULT_CLAIMED', null),
            ('vault_invalid_transition_count', 'ALL', 3, null, 'event', 'VAULT_EXPIRED', null),
            ('vault_state_drift_count', 'ALL', 1, null, 'table', 'vault_status', null),
            ('platinum_attendance_progress', 'ALL', 1, null, 'table', 'vault_status', null),
            ('platinum_attendance_progress', 'ALL', 2, null, 'column', 'vault_status', 'platinum_attendance_days'),
            ('diamond_deposit_progress', 'ALL', 1, null, 'table', 'vault_status', null),
            ('diamond_deposit_progress', 'ALL', 2, null, 'column', 'vault_status', 'diamond_deposit_current')
    ) as need(metric, part, place, vaults_by, kind, name, column_name)
),
-- a source of event lines without an env may have lines of any
found as (
    select
        env_source.env, needed.metric, needed.part, needed.place, needed.kind, needed.name, needed.column_name,
        count(case when source_catalogue.kind = 'event' and source_catalogue.name = needed.name then 1 end) as sources_of_event,
        count(case when source_catalogue.kind = 'table' then 1 end) as tables,
        count(case when source_catalogue.kind = 'table' and source_catalogue.name = needed.name then 1 end)
            + case when needed.name = 'vault_status' and env_source.has_snapshot then 1 else 0 end as sources_of_table,
        count(
            case
                when source_catalogue.kind = 'missing_column'
                    and source_catalogue.name = needed.name
                    and source_catalogue.column_name = needed.column_name
                    then 1
            end
        ) as sources_without_column
    from env_source
    inner join needed
        on needed.vaults_by is null or needed.vaults_by = case when env_source.follows_snapshots then 'snapshots' else 'events' end
    left join source_catalogue
        on env_source.env = source_catalogue.env or source_catalogue.env is null
    group by
        env_source.env, env_source.has_snapshot, needed.metric, needed.part, needed.place, needed.kind, needed.name, needed.column_name
),
lacks as (
    select
        env, metric, part, place,
        case
            when kind = 'event' and sources_of_event = 0 then name
            when kind = 'table' and sources_of_table = 0 and tables > 0 then name
            when kind = 'table' and sources_of_table = 0 then 'no_snapshot'
            when kind = 'column' and sources_without_column > 0 then name || '.' || column_name
        end as reason
    from found
),
first_lack as (
    select env, metric, part, reason, row_number() over (partition by env, metric, part order by place nulls last) as rank
    from lacks
    where reason is not null
),
final as (
    select $dt::date as dt, env, metric, part, reason
    from first_lack
    where rank = 1
)
select dt, env, metric, part, reason from final order by dt, env, metric, part
