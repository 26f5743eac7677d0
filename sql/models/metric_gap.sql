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
            ('countdown', 'ALL', 1, 'events', 'event', 'VAULT_UNLOCKED', null),
            ('countdown', 'ALL', 2, 'events', 'event', 'VAULT_CLAIMED', null),
            ('countdown', 'ALL', 3, 'events', 'event', 'VAULT_EXPIRED', null),
            ('countdown', 'ALL', 4, 'snapshots', 'table', 'vault_status', null),
            ('vault_funnel', 'ALL', 1, 'events', 'event', 'VAULT_UNLOCKED', null),
            ('vault_funnel', 'ALL', 2, 'events', 'event', 'VAULT_CLAIMED', null),
            ('vault_funnel', 'ALL', 3, 'events', 'event', 'VAULT_EXPIRED', null),
            ('vault_funnel', 'ALL', 4, 'snapshots', 'table', 'vault_status', null),
            ('vault_invalid_transition_count', 'ALL', 1, null, 'event', 'VAULT_UNLOCKED', null),
            ('vault_invalid_transition_count', 'ALL', 2, null, 'event', 'VAULT_CLAIMED', null),
            ('vault_invalid_transition_count', 'ALL', 3, null, 'event', 'VAULT_EXPIRED', null),
            ('vault_state_drift_count', 'ALL', 1, null, 'table', 'vault_status', null),
            ('platinum_attendance_progress', 'ALL', 1, null, 'table', 'vault_status', null),
            ('platinum_attendance_progress', 'ALL', 2, null, 'column', 'vault_status', 'platinum_attendance_days'),
            ('diamond_deposit_progress', 'ALL', 1, null, 'table', 'vault_status', null),
            ('diamond_deposit_progress', 'ALL', 2, null, 'column', 'vault_status', 'diamond_deposit_current'),
            ('batch_fail_count', 'ALL', 1, null, 'event', 'BATCH_RUN_FINISHED', null),
            ('batch_fail_rate', 'ALL', 1, null, 'event', 'BATCH_RUN_FINISHED', null),
            ('dlq_size', 'ALL', 1, null, 'event', 'DLQ_DEPTH_SAMPLED', null),
            ('notify_enqueue_latency', 'ALL', 1, null, 'event', 'NOTIFY_ENQUEUED', null),
            ('compensation_pending_count', 'last', 1, 'events', 'event', 'COMPENSATION_ENQUEUED', null),
            ('compensation_pending_count', 'last', 2, 'events', 'event', 'COMPENSATION_RETRIED', null),
            ('compensation_pending_count', 'last', 3, 'snapshots', 'table', 'compensation_queue', null),
            ('compensation_pending_count', 'last', 4, 'snapshots', 'column', 'compensation_queue', 'status'),
            ('compensation_pending_count', 'max', 1, null, 'event', 'COMPENSATION_ENQUEUED', null),
            ('compensation_pending_count', 'max', 2, null, 'event', 'COMPENSATION_RETRIED', null),
            ('compensation_pending_count', 'table', 1, null, 'table', 'compensation_queue', null),
            ('compensation_pending_count', 'table', 2, null, 'column', 'compensation_queue', 'status'),
            ('compensation_retry_success_rate', 'ALL', 1, null, 'event', 'COMPENSATION_RETRIED', null),
            ('referral_revive_success_count', 'ALL', 1, 'events', 'event', 'REFERRAL_REVIVED', null),
            ('referral_revive_success_count', 'ALL', 2, 'snapshots', 'table', 'vault_expiry_extension_log', null),
            ('referral_revive_success_count', 'ALL', 3, 'snapshots', 'column', 'vault_expiry_extension_log', 'reason'),
            ('referral_revive_success_count', 'ALL', 4, 'snapshots', 'column', 'vault_expiry_extension_log', 'shadow'),
            ('referral_revive_success_count', 'ALL', 5, 'snapshots', 'column', 'vault_expiry_extension_log', 'created_at'),
            ('extend_expiry_applied_count', 'ALL', 1, 'events', 'event', 'EXPIRY_EXTENDED', null),
            ('extend_expiry_applied_count', 'ALL', 2, 'snapshots', 'table', 'vault_expiry_extension_log', null),
            ('extend_expiry_applied_count', 'ALL', 3, 'snapshots', 'column', 'vault_expiry_extension_log', 'reason'),
            ('extend_expiry_applied_count', 'ALL', 4, 'snapshots', 'column', 'vault_expiry_extension_log', 'shadow'),
            ('extend_expiry_applied_count', 'ALL', 5, 'snapshots', 'column', 'vault_expiry_extension_log', 'created_at'),
            ('expiry_extension_shadow_vs_actual', 'ALL', 1, 'events', 'event', 'EXPIRY_EXTENDED', null),
            ('expiry_extension_shadow_vs_actual', 'ALL', 2, 'snapshots', 'table', 'vault_expiry_extension_log', null),
            ('expiry_extension_shadow_vs_actual', 'ALL', 3, 'snapshots', 'column', 'vault_expiry_extension_log', 'reason'),
            ('expiry_extension_shadow_vs_actual', 'ALL', 4, 'snapshots', 'column', 'vault_expiry_extension_log', 'shadow'),
            ('expiry_extension_shadow_vs_actual', 'ALL', 5, 'snapshots', 'column', 'vault_expiry_extension_log', 'created_at'),
            ('alert_delivery', 'ALL', 1, null, 'table', 'notifications_queue', null),
            ('alert_delivery', 'ALL', 2, null, 'column', 'notifications_queue', 'status'),
            ('alert_delivery', 'ALL', 3, null, 'column', 'notifications_queue', 'created_at'),
            ('alert_sent_count', 'ALL', 1, null, 'event', 'ALERT_SENT', null),
            ('alert_click_rate', 'ALL', 1, null, 'event', 'ALERT_SENT', null),
            ('alert_click_rate', 'ALL', 2, null, 'event', 'ALERT_CLICKED', null),
            ('alert_claim_within_24h', 'ALL', 1, null, 'event', 'VAULT_CLAIMED', null),
            ('alert_claim_within_24h', 'ALL', 2, null, 'event', 'ALERT_SENT', null),
            ('alert_claim_rate_by_variant', 'ALL', 1, null, 'event', 'VAULT_CLAIMED', null),
            ('alert_claim_rate_by_variant', 'ALL', 2, null, 'event', 'ALERT_SENT', null),
            ('social_proof_impression_count', 'ALL', 1, null, 'event', 'SOCIAL_PROOF_IMPRESSION', null),
            ('social_proof_click_rate', 'ALL', 1, null, 'event', 'SOCIAL_PROOF_IMPRESSION', null),
            ('social_proof_click_rate', 'ALL', 2, null, 'event', 'SOCIAL_PROOF_CLICKED', null),
            ('social_proof_claim_within_24h', 'ALL', 1, null, 'event', 'VAULT_CLAIMED', null),
            ('social_proof_claim_within_24h', 'ALL', 2, null, 'event', 'SOCIAL_PROOF_IMPRESSION', null),
            ('loss_banner_impressions', 'ALL', 1, null, 'event', 'LOSS_BANNER_IMPRESSION', null),
            ('loss_banner_click_rate', 'ALL', 1, null, 'event', 'LOSS_BANNER_IMPRESSION', null),
            ('loss_banner_click_rate', 'ALL', 2, null, 'event', 'LOSS_BANNER_CLICKED', null),
            ('loss_banner_claim_within_1h', 'ALL', 1, null, 'event', 'VAULT_CLAIMED', null),
            ('loss_banner_claim_within_1h', 'ALL', 2, null, 'event', 'LOSS_BANNER_IMPRESSION', null),
            ('vault_unlock_conversion', 'claimed_7d', 1, null, 'event', 'VAULT_UNLOCKED', null),
            ('vault_unlock_conversion', 'claimed_7d', 2, null, 'event', 'VAULT_CLAIMED', null),
            ('vault_unlock_conversion', 'expired_7d', 1, null, 'event', 'VAULT_UNLOCKED', null),
            ('vault_unlock_conversion', 'expired_7d', 2, null, 'event', 'VAULT_EXPIRED', null)
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
-- what stands under env ALL: the lines of the day, and each source of tables
lacks_of_the_day as (
    select metric, 'ALL' as part, 'events' as reason
    from (values ('dq_lines'), ('dq_unknown_field')) as of_lines(metric)
    where not exists (select 1 from source_catalogue where kind = 'event')
    union all
    select distinct 'source_age', source, 'no_snapshot'
    from source_catalogue
    where kind = 'source' and name = 'tables'
        and not exists (select 1 from source_catalogue as held where held.kind = 'table' and held.source = source_catalogue.source)
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
    union all
    select 'ALL', metric, part, 1, reason from lacks_of_the_day
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
