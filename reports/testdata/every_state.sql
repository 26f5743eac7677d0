-- Every state and reason of a rate and of a change (docs/definitions.md section 5), none of which may read as 0 or blank.

insert into metric_daily
from rate_state('prod', 'vault_claim_rate_by_type', 'day', 'GOLD', 'suppressed', 'k')
union all
from rate_state('prod', 'vault_claim_rate_by_type', 'day', 'PLATINUM', 'suppressed', 'complementary')
union all
from rate_state('prod', 'vault_claim_rate_by_type', 'day', 'DIAMOND', 'not_computable', 'no_snapshot')
union all
from rate_state('prod', 'vault_claim_rate_by_type', 'day', 'ALL', 'not_computable', 'VAULT_CLAIMED')
union all
from rate_state('prod', 'vault_claim_rate_by_type', 'qtd', 'GOLD', 'not_computable', 'vault_status.gold_status')
union all
from rate_state('prod', 'vault_claim_rate_by_type', 'qtd', 'PLATINUM', 'no_data', 'zero_denominator')
union all
from rate_state('prod', 'vault_claim_rate_by_type', 'qtd', 'DIAMOND', 'no_data', null)
union all
from rate_state('prod', 'vault_claim_rate_by_type', 'qtd', 'ALL', 'immature', 'immature')
union all
select * replace ('immature' as state, 'immature' as reason) from (from rate_cell('prod', 'vault_claim_rate_by_type', 'prev_qtd', 'GOLD', 30, 100)) as t(dt, env, metric, period, vault_type, variant_id, segment, statistic, value, numerator, denominator, sample_size, users, ci_low, ci_high, state, reason, unit)
union all
select * replace ('partial' as state, 'missing_days=3' as reason) from (from rate_cell('prod', 'vault_claim_rate_by_type', 'prev_qtd', 'PLATINUM', 0, 100)) as t(dt, env, metric, period, vault_type, variant_id, segment, statistic, value, numerator, denominator, sample_size, users, ci_low, ci_high, state, reason, unit)
union all
select * replace ('from_snapshots' as reason) from (from rate_cell('prod', 'vault_claim_rate_by_type', 'prev_qtd', 'DIAMOND', 100, 100)) as t(dt, env, metric, period, vault_type, variant_id, segment, statistic, value, numerator, denominator, sample_size, users, ci_low, ci_high, state, reason, unit)
union all
from rate_state('prod', 'vault_claim_rate_by_type', 'prev_qtd', 'ALL', 'no_data', 'missing_days=44')
union all
-- more expired than could expire, so no interval; the rows of the other types are missing
from rate_cell('prod', 'vault_expire_rate_by_type', 'day', 'GOLD', 12, 11)
union all
from rate_cell('prod', 'vault_expire_rate_by_type', 'day', 'ALL', 1, 20000)
union all
-- a state of a later version is shown as it stands
from rate_state('prod', 'vault_expire_rate_by_type', 'qtd', 'ALL', 'delayed', 'upstream')
union all
-- nothing to average, a bucket of too few, one that the mart does not have, and quantiles of fewer than k
from progress_state('prod', 'PLATINUM', 'ALL', 'avg', 'no_data', 'no_rows')
union all
from progress_cell('prod', 'PLATINUM', 'days=0', 'count', 0, 0, 'count')
union all
from progress_state('prod', 'PLATINUM', 'days=1', 'count', 'suppressed', 'k')
union all
from progress_state('prod', 'DIAMOND', 'ALL', 'p50', 'not_computable', 'vault_status.diamond_deposit_current')
union all
from progress_state('prod', 'DIAMOND', 'ALL', 'p90', 'not_computable', 'vault_status.diamond_deposit_current')
union all
from progress_state('prod', 'DIAMOND', 'of_target', 'p50', 'not_computable', 'vault_status.diamond_deposit_current')
union all
from progress_state('prod', 'DIAMOND', 'of_target', 'p90', 'not_computable', 'vault_status.diamond_deposit_current')
union all
from progress_state('prod', 'DIAMOND', '00-10%', 'count', 'not_computable', 'vault_status.diamond_deposit_current')
union all
from progress_state('prod', 'DIAMOND', '10-20%', 'count', 'not_computable', 'vault_status.diamond_deposit_current')
union all
from progress_state('prod', 'DIAMOND', '20-30%', 'count', 'not_computable', 'vault_status.diamond_deposit_current')
union all
from progress_state('prod', 'DIAMOND', '30-40%', 'count', 'not_computable', 'vault_status.diamond_deposit_current')
union all
from progress_state('prod', 'DIAMOND', '40-50%', 'count', 'not_computable', 'vault_status.diamond_deposit_current')
union all
from progress_state('prod', 'DIAMOND', '50-60%', 'count', 'not_computable', 'vault_status.diamond_deposit_current')
union all
from progress_state('prod', 'DIAMOND', '60-70%', 'count', 'not_computable', 'vault_status.diamond_deposit_current')
union all
from progress_state('prod', 'DIAMOND', '70-80%', 'count', 'not_computable', 'vault_status.diamond_deposit_current')
union all
from progress_state('prod', 'DIAMOND', '80-90%', 'count', 'not_computable', 'vault_status.diamond_deposit_current')
union all
from progress_state('prod', 'DIAMOND', '90-100%', 'count', 'not_computable', 'vault_status.diamond_deposit_current')
union all
from progress_state('prod', 'DIAMOND', '100%+', 'count', 'not_computable', 'vault_status.diamond_deposit_current');

insert into metric_change
from change_state('prod', 'vault_claim_rate_by_type', 'GOLD', 'dod', 'suppressed', null)
union all
from change_state('prod', 'vault_claim_rate_by_type', 'PLATINUM', 'dod', 'suppressed', 'complementary')
union all
from change_state('prod', 'vault_claim_rate_by_type', 'DIAMOND', 'dod', 'not_computable', 'no_snapshot')
union all
from change_state('prod', 'vault_claim_rate_by_type', 'ALL', 'dod', 'no_data', null)
union all
from change_state('prod', 'vault_claim_rate_by_type', 'GOLD', 'wow', 'no_data', 'zero_baseline')
union all
from change_state('prod', 'vault_claim_rate_by_type', 'PLATINUM', 'wow', 'no_data', 'missing_baseline')
union all
from change_state('prod', 'vault_claim_rate_by_type', 'DIAMOND', 'wow', 'no_data', 'missing_current')
union all
select * replace ('immature' as state, null as reason) from (from rate_change('prod', 'vault_claim_rate_by_type', 'ALL', 'wow', 30, 100, 20, 100, 0.1025)) as t(dt, env, metric, vault_type, variant_id, segment, statistic, comparison, current, baseline, current_numerator, current_denominator, baseline_numerator, baseline_denominator, absolute, relative, p_value, state, reason)
union all
from change_state('prod', 'vault_claim_rate_by_type', 'GOLD', 'qoq', 'no_data', 'missing_current')
union all
-- nothing moved; a hair; p at its ends
from rate_change('prod', 'vault_claim_rate_by_type', 'PLATINUM', 'qoq', 30, 100, 30, 100, 1.0)
union all
from rate_change('prod', 'vault_claim_rate_by_type', 'DIAMOND', 'qoq', 29999, 100000, 30000, 100000, 0.9995)
union all
from rate_change('prod', 'vault_claim_rate_by_type', 'ALL', 'qoq', 30000, 100000, 20000, 100000, 0.0)
union all
from change_state('prod', 'vault_expire_rate_by_type', 'ALL', 'dod', 'no_data', 'missing_baseline');

insert into row_ledger values
    (date '2026-02-13', 'api', 'logs/2026-02-13/prod.jsonl', 'prod', 'kept', 100000),
    (date '2026-02-13', 'api', 'logs/2026-02-13/prod.jsonl', 'prod', 'a_later_reason', 1);

insert into alarm_evaluation
from not_evaluated('claim_rate_drop', 'prod', 'ALL', 'no_data', 'immature')
union all
from not_evaluated('claim_rate_drop', 'prod', 'DIAMOND', 'no_data', 'zero_denominator')
union all
from not_evaluated('claim_rate_drop', 'prod', 'GOLD', 'no_data', 'zero_baseline')
union all
from not_evaluated('claim_rate_drop', 'prod', 'PLATINUM', 'no_data', 'no_snapshot')
union all
from not_evaluated('claim_rate_drop', 'staging', 'ALL', 'no_data', 'vault_status.gold_status')
union all
from not_evaluated('expire_rate_spike', 'prod', 'ALL', 'insufficient_data', 'k')
union all
from not_evaluated('expire_rate_spike', 'prod', 'DIAMOND', 'insufficient_data', 'complementary')
union all
from evaluated('expire_rate_spike', 'prod', 'GOLD', 8, 100, 4, 100, 0.15, 0.23, 'insufficient_data', 'significance', null, null)
union all
-- a state of a later version is shown as it stands
from not_evaluated('expire_rate_spike', 'prod', 'PLATINUM', 'pending', null);
-- a count of events that no source emits; a gap that may be chance; numbers of which a side is small or hidden
insert into alarm_evaluation values
    (date '2026-02-13', 'compensation_pending', 'warn', 'prod', 'ALL', 0, null, null, null, null, null, 0, null, 'ok', 'COMPENSATION_ENQUEUED', null, null),
    (date '2026-02-13', 'variant_claim_gap', 'investigate', 'prod', 'ALL', 0.22, 0.1, 16, 50, 4, 40, 0.15, 0.07, 'insufficient_data', 'significance', null, null),
    (date '2026-02-13', 'claim_rate_drop', 'investigate', 'qa', 'ALL', -0.2, 0.5, 10, 26, 10, 21, -0.2, 0.5, 'insufficient_data', 'min_denominator', null, null);

-- One cell was restated twice, another once, and one by another definition.
insert into restatement values
    ('2026-02-13', 'prod', 'vault_claim_rate_by_type', 'day', 'GOLD', 'ALL', 'ALL', 'rate', 0.1, 0.2, 'ok', 'ok', 'late_data', '2026-02-14'),
    ('2026-02-13', 'prod', 'vault_claim_rate_by_type', 'day', 'GOLD', 'ALL', 'ALL', 'rate', 0.2, 0.3, 'ok', 'ok', 'late_data', '2026-02-16'),
    ('2026-02-13', 'prod', 'vault_claim_rate_by_type', 'qtd', 'GOLD', 'ALL', 'ALL', 'rate', 0.2, 0.3, 'ok', 'ok', 'late_data', '2026-02-16'),
    ('2026-02-13', 'prod', 'vault_claim_rate_by_type', 'day', 'ALL', 'ALL', 'ALL', 'rate', 0.2, null, 'ok', 'suppressed', 'definition', '2026-02-15');
