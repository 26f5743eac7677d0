-- Every metric that stands in a plain table: prod has all of them, dev lacks sources and has few users, staging follows its snapshots.

create macro cell(env, metric, vault_type, variant_id, segment, statistic, value, unit) as table
    select date '2026-02-13', env, metric, 'day', vault_type, variant_id, segment, statistic, value::double, null, null, value::bigint, value::bigint,
        null, null, 'ok', null, unit;

create macro share(env, metric, vault_type, variant_id, segment, x, n) as table
    select date '2026-02-13', env, metric, 'day', vault_type, variant_id, segment, 'rate', x / n, x, n, n, n, wilson(x::double, n::double, -1),
        wilson(x::double, n::double, 1), 'ok', null, 'ratio';

create macro state(env, metric, vault_type, variant_id, segment, statistic, state, reason) as table
    select date '2026-02-13', env, metric, 'day', vault_type, variant_id, segment, statistic, null, null, null, null, null, null, null, state, reason,
        'count';

create temp table vault_types as select unnest(['GOLD', 'PLATINUM', 'DIAMOND', 'ALL']) as vault_type, unnest([3, 2, 1, 6]) as n;

insert into metric_daily
select date '2026-02-13', env, 'vault_funnel', 'day', vault_type, 'ALL', segment, 'count', n * vaults, null, null, n * vaults, n * vaults, null, null, 'ok',
    if(env = 'staging', 'from_snapshots', null), 'count'
from vault_types, (values ('LOCKED', 4100), ('UNLOCKED', 930), ('CLAIMED', 2207), ('EXPIRED', 0)) as s(segment, vaults), (values ('prod'), ('staging')) as e(env)
union all
select date '2026-02-13', env, 'countdown', 'day', vault_type, 'ALL', segment, 'count', n * vaults, null, null, n * vaults, n * vaults, null, null, 'ok',
    if(env = 'staging', 'from_snapshots', null), 'count'
from vault_types, (values ('overdue', 0), ('D0', 41), ('D-1', 38), ('D-2', 57)) as s(segment, vaults), (values ('prod'), ('staging')) as e(env);

insert into metric_daily
from share('prod', 'vault_unlock_conversion', 'GOLD', 'ALL', 'claimed_7d', 120, 300)
union all from share('prod', 'vault_unlock_conversion', 'ALL', 'ALL', 'claimed_7d', 150, 410)
union all from state('prod', 'vault_unlock_conversion', 'GOLD', 'ALL', 'expired_7d', 'rate', 'immature', 'immature_windows')
union all from state('prod', 'vault_unlock_conversion', 'ALL', 'ALL', 'expired_7d', 'rate', 'immature', 'immature_windows')
union all from cell('prod', 'alert_sent_count', 'GOLD', 'ALL', 'ALL', 'count', 812, 'count')
union all from cell('prod', 'alert_sent_count', 'untyped', 'ALL', 'ALL', 'count', 88, 'count')
union all from cell('prod', 'alert_sent_count', 'BONUS', 'ALL', 'ALL', 'count', 12, 'count')
union all from cell('prod', 'alert_sent_count', 'ALL', 'ALL', 'ALL', 'count', 912, 'count')
union all from cell('prod', 'alert_sent_count', 'ALL', 'b', 'ALL', 'count', 300, 'count')
union all from cell('prod', 'alert_sent_count', 'ALL', 'a', 'ALL', 'count', 400, 'count')
union all from cell('prod', 'alert_sent_count', 'ALL', 'untagged', 'ALL', 'count', 212, 'count')
union all from share('prod', 'alert_claim_within_24h', 'GOLD', 'ALL', 'ALL', 203, 812)
union all from share('prod', 'alert_claim_within_24h', 'ALL', 'ALL', 'ALL', 221, 912)
union all from state('prod', 'alert_claim_within_24h', 'untyped', 'ALL', 'ALL', 'rate', 'suppressed', 'complementary')
union all from state('prod', 'alert_claim_within_24h', 'BONUS', 'ALL', 'ALL', 'rate', 'suppressed', 'k')
union all from share('prod', 'alert_click_rate', 'ALL', 'a', 'ALL', 80, 400)
union all from share('prod', 'alert_click_rate', 'ALL', 'b', 'ALL', 75, 300)
union all from share('prod', 'alert_click_rate', 'ALL', 'untagged', 'ALL', 20, 212)
union all from share('prod', 'alert_click_rate', 'ALL', 'ALL', 'ALL', 175, 912)
union all from share('prod', 'alert_claim_rate_by_variant', 'ALL', 'a', 'ALL', 100, 400)
union all from share('prod', 'alert_claim_rate_by_variant', 'ALL', 'b', 'ALL', 81, 300)
union all from share('prod', 'alert_claim_rate_by_variant', 'ALL', 'untagged', 'ALL', 40, 212)
union all from share('prod', 'alert_claim_rate_by_variant', 'ALL', 'ALL', 'ALL', 221, 912)
union all from cell('prod', 'social_proof_impression_count', 'ALL', 'ALL', 'ALL', 'count', 5100, 'count')
union all from state('prod', 'social_proof_click_rate', 'ALL', 'ALL', 'ALL', 'rate', 'not_computable', 'SOCIAL_PROOF_CLICKED')
union all from share('prod', 'social_proof_claim_within_24h', 'ALL', 'ALL', 'ALL', 300, 2900)
union all from state('prod', 'loss_banner_impressions', 'ALL', 'ALL', 'ALL', 'count', 'not_computable', 'LOSS_BANNER_IMPRESSION')
union all from state('prod', 'loss_banner_click_rate', 'ALL', 'ALL', 'ALL', 'rate', 'not_computable', 'LOSS_BANNER_IMPRESSION')
union all from state('prod', 'loss_banner_claim_within_1h', 'ALL', 'ALL', 'ALL', 'rate', 'not_computable', 'LOSS_BANNER_IMPRESSION')
union all from cell('prod', 'alert_delivery', 'ALL', 'ALL', 'SENT', 'count', 903, 'count')
union all from cell('prod', 'alert_delivery', 'ALL', 'ALL', 'FAILED', 'count', 9, 'count')
union all from cell('prod', 'extend_expiry_applied_count', 'ALL', 'ALL', 'actual', 'count', 40, 'count')
union all from cell('prod', 'extend_expiry_applied_count', 'ALL', 'ALL', 'actual:PROMO', 'count', 40, 'count')
union all from cell('prod', 'extend_expiry_applied_count', 'ALL', 'ALL', 'shadow', 'count', 44, 'count')
union all from cell('prod', 'referral_revive_success_count', 'untyped', 'ALL', 'ALL', 'count', 0, 'count')
union all from cell('prod', 'referral_revive_success_count', 'ALL', 'ALL', 'ALL', 'count', 0, 'count')
union all from cell('prod', 'batch_fail_count', 'ALL', 'ALL', 'rollup', 'count', 2, 'count')
union all from cell('prod', 'batch_fail_count', 'ALL', 'ALL', 'ALL', 'count', 2, 'count')
union all from share('prod', 'batch_fail_rate', 'ALL', 'ALL', 'rollup', 2, 288)
union all from share('prod', 'batch_fail_rate', 'ALL', 'ALL', 'ALL', 2, 311)
union all from cell('prod', 'dlq_size', 'ALL', 'ALL', 'mail', 'last', 3, 'count')
union all from cell('prod', 'dlq_size', 'ALL', 'ALL', 'mail', 'max', 120, 'count')
union all from state('prod', 'dlq_size', 'ALL', 'ALL', 'push', 'last', 'no_data', 'no_rows')
union all from cell('prod', 'dlq_size', 'ALL', 'ALL', 'push', 'max', 1, 'count')
union all from cell('prod', 'dlq_size', 'ALL', 'ALL', 'ALL', 'last', 3, 'count')
union all from cell('prod', 'dlq_size', 'ALL', 'ALL', 'ALL', 'max', 121, 'count')
union all from cell('prod', 'notify_enqueue_latency', 'ALL', 'ALL', 'ALL', 'p50', 210.5, 'ms')
union all from cell('prod', 'notify_enqueue_latency', 'ALL', 'ALL', 'ALL', 'p95', 4980.25, 'ms')
union all from cell('prod', 'notify_enqueue_latency', 'ALL', 'ALL', 'ALL', 'max', 12000, 'ms')
union all from cell('prod', 'compensation_pending_count', 'ALL', 'ALL', 'ALL', 'last', 4, 'count')
union all from cell('prod', 'compensation_pending_count', 'ALL', 'ALL', 'ALL', 'max', 51, 'count')
union all from cell('prod', 'compensation_pending_count', 'ALL', 'ALL', 'table', 'last', 5, 'count')
union all from share('prod', 'compensation_retry_success_rate', 'ALL', 'ALL', 'ALL', 47, 51)
union all from cell('prod', 'vault_invalid_transition_count', 'ALL', 'ALL', 'ALL', 'count', 7, 'count')
union all from state('prod', 'vault_state_drift_count', 'ALL', 'ALL', 'ALL', 'count', 'not_computable', 'no_snapshot')
union all from state('dev', 'vault_funnel', 'GOLD', 'ALL', 'LOCKED', 'count', 'suppressed', 'k')
union all from cell('dev', 'vault_funnel', 'GOLD', 'ALL', 'UNLOCKED', 'count', 0, 'count')
union all from state('dev', 'countdown', 'GOLD', 'ALL', 'D0', 'count', 'not_computable', 'vault_status')
union all from state('dev', 'alert_sent_count', 'ALL', 'ALL', 'ALL', 'count', 'not_computable', 'ALERT_SENT')
union all from state('dev', 'alert_click_rate', 'ALL', 'ALL', 'ALL', 'rate', 'not_computable', 'ALERT_SENT')
union all from state('dev', 'loss_banner_impressions', 'ALL', 'ALL', 'ALL', 'count', 'not_computable', 'LOSS_BANNER_IMPRESSION')
union all from cell('ALL', 'dq_lines', 'ALL', 'ALL', 'kept', 'count', 51234, 'count')
union all from cell('ALL', 'dq_lines', 'ALL', 'ALL', 'duplicate', 'count', 12, 'count')
union all from cell('ALL', 'dq_lines', 'ALL', 'ALL', 'blank', 'count', 0, 'count')
union all from cell('ALL', 'dq_lines', 'ALL', 'ALL', 'quarantined', 'count', 9, 'count')
union all from cell('ALL', 'dq_lines', 'ALL', 'ALL', 'quarantined:bad_field', 'count', 9, 'count')
union all from cell('ALL', 'dq_unknown_field', 'ALL', 'ALL', 'nickname', 'count', 120, 'count')
union all from cell('ALL', 'dq_unknown_field', 'ALL', 'ALL', '<b>x</b>', 'count', 1, 'count')
union all from cell('ALL', 'source_age', 'ALL', 'ALL', 'api', 'max', 12.5, 's')
union all from cell('ALL', 'source_age', 'ALL', 'ALL', 'batch', 'max', 9000, 's')
union all from state('ALL', 'source_age', 'ALL', 'ALL', 'db', 'max', 'not_computable', 'no_snapshot');
