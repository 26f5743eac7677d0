-- An env of tables alone: rates from snapshots, no event source. Another one whose day has no snapshot, and one without the table.

insert into metric_daily
select * replace ('from_snapshots' as reason) from (from rate_cell('prod', 'vault_claim_rate_by_type', 'day', 'GOLD', 30, 100)) as t(dt, env, metric, period, vault_type, variant_id, segment, statistic, value, numerator, denominator, sample_size, users, ci_low, ci_high, state, reason, unit)
union all
select * replace ('from_snapshots' as reason) from (from rate_cell('prod', 'vault_claim_rate_by_type', 'day', 'PLATINUM', 12, 80)) as t(dt, env, metric, period, vault_type, variant_id, segment, statistic, value, numerator, denominator, sample_size, users, ci_low, ci_high, state, reason, unit)
union all
select * replace ('from_snapshots' as reason) from (from rate_cell('prod', 'vault_claim_rate_by_type', 'day', 'DIAMOND', 4, 60)) as t(dt, env, metric, period, vault_type, variant_id, segment, statistic, value, numerator, denominator, sample_size, users, ci_low, ci_high, state, reason, unit)
union all
select * replace ('from_snapshots' as reason) from (from rate_cell('prod', 'vault_claim_rate_by_type', 'day', 'ALL', 46, 240)) as t(dt, env, metric, period, vault_type, variant_id, segment, statistic, value, numerator, denominator, sample_size, users, ci_low, ci_high, state, reason, unit)
union all
select * replace ('from_snapshots' as reason) from (from rate_cell('prod', 'vault_claim_rate_by_type', 'qtd', 'GOLD', 30, 100)) as t(dt, env, metric, period, vault_type, variant_id, segment, statistic, value, numerator, denominator, sample_size, users, ci_low, ci_high, state, reason, unit)
union all
select * replace ('from_snapshots' as reason) from (from rate_cell('prod', 'vault_claim_rate_by_type', 'qtd', 'PLATINUM', 12, 80)) as t(dt, env, metric, period, vault_type, variant_id, segment, statistic, value, numerator, denominator, sample_size, users, ci_low, ci_high, state, reason, unit)
union all
select * replace ('from_snapshots' as reason) from (from rate_cell('prod', 'vault_claim_rate_by_type', 'qtd', 'DIAMOND', 4, 60)) as t(dt, env, metric, period, vault_type, variant_id, segment, statistic, value, numerator, denominator, sample_size, users, ci_low, ci_high, state, reason, unit)
union all
select * replace ('from_snapshots' as reason) from (from rate_cell('prod', 'vault_claim_rate_by_type', 'qtd', 'ALL', 46, 240)) as t(dt, env, metric, period, vault_type, variant_id, segment, statistic, value, numerator, denominator, sample_size, users, ci_low, ci_high, state, reason, unit)
union all
from rate_state('prod', 'vault_claim_rate_by_type', 'prev_qtd', 'GOLD', 'no_data', 'missing_days=44')
union all
from rate_state('prod', 'vault_claim_rate_by_type', 'prev_qtd', 'PLATINUM', 'no_data', 'missing_days=44')
union all
from rate_state('prod', 'vault_claim_rate_by_type', 'prev_qtd', 'DIAMOND', 'no_data', 'missing_days=44')
union all
from rate_state('prod', 'vault_claim_rate_by_type', 'prev_qtd', 'ALL', 'no_data', 'missing_days=44')
union all
from rate_state('qa', 'vault_claim_rate_by_type', 'day', 'GOLD', 'not_computable', 'no_snapshot')
union all
from rate_state('qa', 'vault_claim_rate_by_type', 'day', 'PLATINUM', 'not_computable', 'no_snapshot')
union all
from rate_state('qa', 'vault_claim_rate_by_type', 'day', 'DIAMOND', 'not_computable', 'no_snapshot')
union all
from rate_state('qa', 'vault_claim_rate_by_type', 'day', 'ALL', 'not_computable', 'no_snapshot')
union all
from rate_state('qa', 'vault_claim_rate_by_type', 'qtd', 'GOLD', 'not_computable', 'no_snapshot')
union all
from rate_state('qa', 'vault_claim_rate_by_type', 'qtd', 'PLATINUM', 'not_computable', 'no_snapshot')
union all
from rate_state('qa', 'vault_claim_rate_by_type', 'qtd', 'DIAMOND', 'not_computable', 'no_snapshot')
union all
from rate_state('qa', 'vault_claim_rate_by_type', 'qtd', 'ALL', 'not_computable', 'no_snapshot')
union all
from rate_state('qa', 'vault_claim_rate_by_type', 'prev_qtd', 'GOLD', 'not_computable', 'no_snapshot')
union all
from rate_state('qa', 'vault_claim_rate_by_type', 'prev_qtd', 'PLATINUM', 'not_computable', 'no_snapshot')
union all
from rate_state('qa', 'vault_claim_rate_by_type', 'prev_qtd', 'DIAMOND', 'not_computable', 'no_snapshot')
union all
from rate_state('qa', 'vault_claim_rate_by_type', 'prev_qtd', 'ALL', 'not_computable', 'no_snapshot')
union all
from rate_state('staging', 'vault_claim_rate_by_type', 'day', 'GOLD', 'not_computable', 'vault_status')
union all
from rate_state('staging', 'vault_claim_rate_by_type', 'day', 'PLATINUM', 'not_computable', 'vault_status')
union all
from rate_state('staging', 'vault_claim_rate_by_type', 'day', 'DIAMOND', 'not_computable', 'vault_status')
union all
from rate_state('staging', 'vault_claim_rate_by_type', 'day', 'ALL', 'not_computable', 'vault_status')
union all
from rate_state('staging', 'vault_claim_rate_by_type', 'qtd', 'GOLD', 'not_computable', 'vault_status')
union all
from rate_state('staging', 'vault_claim_rate_by_type', 'qtd', 'PLATINUM', 'not_computable', 'vault_status')
union all
from rate_state('staging', 'vault_claim_rate_by_type', 'qtd', 'DIAMOND', 'not_computable', 'vault_status')
union all
from rate_state('staging', 'vault_claim_rate_by_type', 'qtd', 'ALL', 'not_computable', 'vault_status')
union all
from rate_state('staging', 'vault_claim_rate_by_type', 'prev_qtd', 'GOLD', 'not_computable', 'vault_status')
union all
from rate_state('staging', 'vault_claim_rate_by_type', 'prev_qtd', 'PLATINUM', 'not_computable', 'vault_status')
union all
from rate_state('staging', 'vault_claim_rate_by_type', 'prev_qtd', 'DIAMOND', 'not_computable', 'vault_status')
union all
from rate_state('staging', 'vault_claim_rate_by_type', 'prev_qtd', 'ALL', 'not_computable', 'vault_status')
union all
select * replace ('from_snapshots' as reason) from (from rate_cell('prod', 'vault_expire_rate_by_type', 'day', 'GOLD', 30, 100)) as t(dt, env, metric, period, vault_type, variant_id, segment, statistic, value, numerator, denominator, sample_size, users, ci_low, ci_high, state, reason, unit)
union all
select * replace ('from_snapshots' as reason) from (from rate_cell('prod', 'vault_expire_rate_by_type', 'day', 'PLATINUM', 12, 80)) as t(dt, env, metric, period, vault_type, variant_id, segment, statistic, value, numerator, denominator, sample_size, users, ci_low, ci_high, state, reason, unit)
union all
select * replace ('from_snapshots' as reason) from (from rate_cell('prod', 'vault_expire_rate_by_type', 'day', 'DIAMOND', 4, 60)) as t(dt, env, metric, period, vault_type, variant_id, segment, statistic, value, numerator, denominator, sample_size, users, ci_low, ci_high, state, reason, unit)
union all
select * replace ('from_snapshots' as reason) from (from rate_cell('prod', 'vault_expire_rate_by_type', 'day', 'ALL', 46, 240)) as t(dt, env, metric, period, vault_type, variant_id, segment, statistic, value, numerator, denominator, sample_size, users, ci_low, ci_high, state, reason, unit)
union all
select * replace ('from_snapshots' as reason) from (from rate_cell('prod', 'vault_expire_rate_by_type', 'qtd', 'GOLD', 30, 100)) as t(dt, env, metric, period, vault_type, variant_id, segment, statistic, value, numerator, denominator, sample_size, users, ci_low, ci_high, state, reason, unit)
union all
select * replace ('from_snapshots' as reason) from (from rate_cell('prod', 'vault_expire_rate_by_type', 'qtd', 'PLATINUM', 12, 80)) as t(dt, env, metric, period, vault_type, variant_id, segment, statistic, value, numerator, denominator, sample_size, users, ci_low, ci_high, state, reason, unit)
union all
select * replace ('from_snapshots' as reason) from (from rate_cell('prod', 'vault_expire_rate_by_type', 'qtd', 'DIAMOND', 4, 60)) as t(dt, env, metric, period, vault_type, variant_id, segment, statistic, value, numerator, denominator, sample_size, users, ci_low, ci_high, state, reason, unit)
union all
select * replace ('from_snapshots' as reason) from (from rate_cell('prod', 'vault_expire_rate_by_type', 'qtd', 'ALL', 46, 240)) as t(dt, env, metric, period, vault_type, variant_id, segment, statistic, value, numerator, denominator, sample_size, users, ci_low, ci_high, state, reason, unit)
union all
from rate_state('prod', 'vault_expire_rate_by_type', 'prev_qtd', 'GOLD', 'no_data', 'missing_days=44')
union all
from rate_state('prod', 'vault_expire_rate_by_type', 'prev_qtd', 'PLATINUM', 'no_data', 'missing_days=44')
union all
from rate_state('prod', 'vault_expire_rate_by_type', 'prev_qtd', 'DIAMOND', 'no_data', 'missing_days=44')
union all
from rate_state('prod', 'vault_expire_rate_by_type', 'prev_qtd', 'ALL', 'no_data', 'missing_days=44')
union all
from rate_state('qa', 'vault_expire_rate_by_type', 'day', 'GOLD', 'not_computable', 'no_snapshot')
union all
from rate_state('qa', 'vault_expire_rate_by_type', 'day', 'PLATINUM', 'not_computable', 'no_snapshot')
union all
from rate_state('qa', 'vault_expire_rate_by_type', 'day', 'DIAMOND', 'not_computable', 'no_snapshot')
union all
from rate_state('qa', 'vault_expire_rate_by_type', 'day', 'ALL', 'not_computable', 'no_snapshot')
union all
from rate_state('qa', 'vault_expire_rate_by_type', 'qtd', 'GOLD', 'not_computable', 'no_snapshot')
union all
from rate_state('qa', 'vault_expire_rate_by_type', 'qtd', 'PLATINUM', 'not_computable', 'no_snapshot')
union all
from rate_state('qa', 'vault_expire_rate_by_type', 'qtd', 'DIAMOND', 'not_computable', 'no_snapshot')
union all
from rate_state('qa', 'vault_expire_rate_by_type', 'qtd', 'ALL', 'not_computable', 'no_snapshot')
union all
from rate_state('qa', 'vault_expire_rate_by_type', 'prev_qtd', 'GOLD', 'not_computable', 'no_snapshot')
union all
from rate_state('qa', 'vault_expire_rate_by_type', 'prev_qtd', 'PLATINUM', 'not_computable', 'no_snapshot')
union all
from rate_state('qa', 'vault_expire_rate_by_type', 'prev_qtd', 'DIAMOND', 'not_computable', 'no_snapshot')
union all
from rate_state('qa', 'vault_expire_rate_by_type', 'prev_qtd', 'ALL', 'not_computable', 'no_snapshot')
union all
from rate_state('staging', 'vault_expire_rate_by_type', 'day', 'GOLD', 'not_computable', 'vault_status')
union all
from rate_state('staging', 'vault_expire_rate_by_type', 'day', 'PLATINUM', 'not_computable', 'vault_status')
union all
from rate_state('staging', 'vault_expire_rate_by_type', 'day', 'DIAMOND', 'not_computable', 'vault_status')
union all
from rate_state('staging', 'vault_expire_rate_by_type', 'day', 'ALL', 'not_computable', 'vault_status')
union all
from rate_state('staging', 'vault_expire_rate_by_type', 'qtd', 'GOLD', 'not_computable', 'vault_status')
union all
from rate_state('staging', 'vault_expire_rate_by_type', 'qtd', 'PLATINUM', 'not_computable', 'vault_status')
union all
from rate_state('staging', 'vault_expire_rate_by_type', 'qtd', 'DIAMOND', 'not_computable', 'vault_status')
union all
from rate_state('staging', 'vault_expire_rate_by_type', 'qtd', 'ALL', 'not_computable', 'vault_status')
union all
from rate_state('staging', 'vault_expire_rate_by_type', 'prev_qtd', 'GOLD', 'not_computable', 'vault_status')
union all
from rate_state('staging', 'vault_expire_rate_by_type', 'prev_qtd', 'PLATINUM', 'not_computable', 'vault_status')
union all
from rate_state('staging', 'vault_expire_rate_by_type', 'prev_qtd', 'DIAMOND', 'not_computable', 'vault_status')
union all
from rate_state('staging', 'vault_expire_rate_by_type', 'prev_qtd', 'ALL', 'not_computable', 'vault_status')
union all
select * replace ('count' as statistic, 'count' as unit) from (from rate_state('prod', 'vault_invalid_transition_count', 'day', 'ALL', 'not_computable', 'VAULT_UNLOCKED')) as t(dt, env, metric, period, vault_type, variant_id, segment, statistic, value, numerator, denominator, sample_size, users, ci_low, ci_high, state, reason, unit)
union all
select * replace ('count' as statistic, 'count' as unit) from (from rate_state('qa', 'vault_invalid_transition_count', 'day', 'ALL', 'not_computable', 'VAULT_UNLOCKED')) as t(dt, env, metric, period, vault_type, variant_id, segment, statistic, value, numerator, denominator, sample_size, users, ci_low, ci_high, state, reason, unit)
union all
select * replace ('count' as statistic, 'count' as unit) from (from rate_state('staging', 'vault_invalid_transition_count', 'day', 'ALL', 'not_computable', 'VAULT_UNLOCKED')) as t(dt, env, metric, period, vault_type, variant_id, segment, statistic, value, numerator, denominator, sample_size, users, ci_low, ci_high, state, reason, unit)
union all
from progress_cell('prod', 'PLATINUM', 'ALL', 'avg', 1.3825, 4411, 'days')
union all
from progress_cell('prod', 'PLATINUM', 'days=0', 'count', 1102, 1102, 'count')
union all
from progress_cell('prod', 'PLATINUM', 'days=1', 'count', 1404, 1404, 'count')
union all
from progress_cell('prod', 'PLATINUM', 'days=2', 'count', 1020, 1020, 'count')
union all
from progress_cell('prod', 'PLATINUM', 'days=3', 'count', 885, 885, 'count')
union all
from progress_cell('prod', 'DIAMOND', 'ALL', 'p50', 152300.5, 2120, 'krw')
union all
from progress_cell('prod', 'DIAMOND', 'of_target', 'p50', 0.304601, 2120, 'ratio')
union all
from progress_cell('prod', 'DIAMOND', 'ALL', 'p90', 1650000, 2120, 'krw')
union all
from progress_cell('prod', 'DIAMOND', 'of_target', 'p90', 3.3, 2120, 'ratio')
union all
from progress_cell('prod', 'DIAMOND', '00-10%', 'count', 512, 512, 'count')
union all
from progress_cell('prod', 'DIAMOND', '10-20%', 'count', 240, 240, 'count')
union all
from progress_cell('prod', 'DIAMOND', '20-30%', 'count', 190, 190, 'count')
union all
from progress_cell('prod', 'DIAMOND', '30-40%', 'count', 175, 175, 'count')
union all
from progress_cell('prod', 'DIAMOND', '40-50%', 'count', 160, 160, 'count')
union all
from progress_cell('prod', 'DIAMOND', '50-60%', 'count', 140, 140, 'count')
union all
from progress_cell('prod', 'DIAMOND', '60-70%', 'count', 133, 133, 'count')
union all
from progress_cell('prod', 'DIAMOND', '70-80%', 'count', 120, 120, 'count')
union all
from progress_cell('prod', 'DIAMOND', '80-90%', 'count', 101, 101, 'count')
union all
from progress_cell('prod', 'DIAMOND', '90-100%', 'count', 99, 99, 'count')
union all
from progress_cell('prod', 'DIAMOND', '100%+', 'count', 250, 250, 'count')
union all
from progress_state('qa', 'PLATINUM', 'ALL', 'avg', 'not_computable', 'no_snapshot')
union all
from progress_state('qa', 'PLATINUM', 'days=0', 'count', 'not_computable', 'no_snapshot')
union all
from progress_state('qa', 'PLATINUM', 'days=1', 'count', 'not_computable', 'no_snapshot')
union all
from progress_state('qa', 'PLATINUM', 'days=2', 'count', 'not_computable', 'no_snapshot')
union all
from progress_state('qa', 'PLATINUM', 'days=3', 'count', 'not_computable', 'no_snapshot')
union all
from progress_state('qa', 'DIAMOND', 'ALL', 'p50', 'not_computable', 'no_snapshot')
union all
from progress_state('qa', 'DIAMOND', 'ALL', 'p90', 'not_computable', 'no_snapshot')
union all
from progress_state('qa', 'DIAMOND', 'of_target', 'p50', 'not_computable', 'no_snapshot')
union all
from progress_state('qa', 'DIAMOND', 'of_target', 'p90', 'not_computable', 'no_snapshot')
union all
from progress_state('qa', 'DIAMOND', '00-10%', 'count', 'not_computable', 'no_snapshot')
union all
from progress_state('qa', 'DIAMOND', '10-20%', 'count', 'not_computable', 'no_snapshot')
union all
from progress_state('qa', 'DIAMOND', '20-30%', 'count', 'not_computable', 'no_snapshot')
union all
from progress_state('qa', 'DIAMOND', '30-40%', 'count', 'not_computable', 'no_snapshot')
union all
from progress_state('qa', 'DIAMOND', '40-50%', 'count', 'not_computable', 'no_snapshot')
union all
from progress_state('qa', 'DIAMOND', '50-60%', 'count', 'not_computable', 'no_snapshot')
union all
from progress_state('qa', 'DIAMOND', '60-70%', 'count', 'not_computable', 'no_snapshot')
union all
from progress_state('qa', 'DIAMOND', '70-80%', 'count', 'not_computable', 'no_snapshot')
union all
from progress_state('qa', 'DIAMOND', '80-90%', 'count', 'not_computable', 'no_snapshot')
union all
from progress_state('qa', 'DIAMOND', '90-100%', 'count', 'not_computable', 'no_snapshot')
union all
from progress_state('qa', 'DIAMOND', '100%+', 'count', 'not_computable', 'no_snapshot')
union all
from progress_state('staging', 'PLATINUM', 'ALL', 'avg', 'not_computable', 'vault_status')
union all
from progress_state('staging', 'PLATINUM', 'days=0', 'count', 'not_computable', 'vault_status')
union all
from progress_state('staging', 'PLATINUM', 'days=1', 'count', 'not_computable', 'vault_status')
union all
from progress_state('staging', 'PLATINUM', 'days=2', 'count', 'not_computable', 'vault_status')
union all
from progress_state('staging', 'PLATINUM', 'days=3', 'count', 'not_computable', 'vault_status')
union all
from progress_state('staging', 'DIAMOND', 'ALL', 'p50', 'not_computable', 'vault_status')
union all
from progress_state('staging', 'DIAMOND', 'ALL', 'p90', 'not_computable', 'vault_status')
union all
from progress_state('staging', 'DIAMOND', 'of_target', 'p50', 'not_computable', 'vault_status')
union all
from progress_state('staging', 'DIAMOND', 'of_target', 'p90', 'not_computable', 'vault_status')
union all
from progress_state('staging', 'DIAMOND', '00-10%', 'count', 'not_computable', 'vault_status')
union all
from progress_state('staging', 'DIAMOND', '10-20%', 'count', 'not_computable', 'vault_status')
union all
from progress_state('staging', 'DIAMOND', '20-30%', 'count', 'not_computable', 'vault_status')
union all
from progress_state('staging', 'DIAMOND', '30-40%', 'count', 'not_computable', 'vault_status')
union all
from progress_state('staging', 'DIAMOND', '40-50%', 'count', 'not_computable', 'vault_status')
union all
from progress_state('staging', 'DIAMOND', '50-60%', 'count', 'not_computable', 'vault_status')
union all
from progress_state('staging', 'DIAMOND', '60-70%', 'count', 'not_computable', 'vault_status')
union all
from progress_state('staging', 'DIAMOND', '70-80%', 'count', 'not_computable', 'vault_status')
union all
from progress_state('staging', 'DIAMOND', '80-90%', 'count', 'not_computable', 'vault_status')
union all
from progress_state('staging', 'DIAMOND', '90-100%', 'count', 'not_computable', 'vault_status')
union all
from progress_state('staging', 'DIAMOND', '100%+', 'count', 'not_computable', 'vault_status');

insert into metric_change
from rate_change('prod', 'vault_claim_rate_by_type', 'GOLD', 'dod', 30, 100, 33, 100, 0.4)
union all
from rate_change('prod', 'vault_claim_rate_by_type', 'PLATINUM', 'dod', 12, 80, 15, 80, 0.4)
union all
from rate_change('prod', 'vault_claim_rate_by_type', 'DIAMOND', 'dod', 4, 60, 7, 60, 0.4)
union all
from rate_change('prod', 'vault_claim_rate_by_type', 'ALL', 'dod', 46, 240, 49, 240, 0.4)
union all
from rate_change('prod', 'vault_expire_rate_by_type', 'GOLD', 'dod', 30, 100, 33, 100, 0.4)
union all
from rate_change('prod', 'vault_expire_rate_by_type', 'PLATINUM', 'dod', 12, 80, 15, 80, 0.4)
union all
from rate_change('prod', 'vault_expire_rate_by_type', 'DIAMOND', 'dod', 4, 60, 7, 60, 0.4)
union all
from rate_change('prod', 'vault_expire_rate_by_type', 'ALL', 'dod', 46, 240, 49, 240, 0.4)
union all
from change_state('prod', 'vault_claim_rate_by_type', 'GOLD', 'wow', 'no_data', 'missing_baseline')
union all
from change_state('prod', 'vault_claim_rate_by_type', 'GOLD', 'qoq', 'no_data', null)
union all
from change_state('prod', 'vault_claim_rate_by_type', 'PLATINUM', 'wow', 'no_data', 'missing_baseline')
union all
from change_state('prod', 'vault_claim_rate_by_type', 'PLATINUM', 'qoq', 'no_data', null)
union all
from change_state('prod', 'vault_claim_rate_by_type', 'DIAMOND', 'wow', 'no_data', 'missing_baseline')
union all
from change_state('prod', 'vault_claim_rate_by_type', 'DIAMOND', 'qoq', 'no_data', null)
union all
from change_state('prod', 'vault_claim_rate_by_type', 'ALL', 'wow', 'no_data', 'missing_baseline')
union all
from change_state('prod', 'vault_claim_rate_by_type', 'ALL', 'qoq', 'no_data', null)
union all
from change_state('prod', 'vault_expire_rate_by_type', 'GOLD', 'wow', 'no_data', 'missing_baseline')
union all
from change_state('prod', 'vault_expire_rate_by_type', 'GOLD', 'qoq', 'no_data', null)
union all
from change_state('prod', 'vault_expire_rate_by_type', 'PLATINUM', 'wow', 'no_data', 'missing_baseline')
union all
from change_state('prod', 'vault_expire_rate_by_type', 'PLATINUM', 'qoq', 'no_data', null)
union all
from change_state('prod', 'vault_expire_rate_by_type', 'DIAMOND', 'wow', 'no_data', 'missing_baseline')
union all
from change_state('prod', 'vault_expire_rate_by_type', 'DIAMOND', 'qoq', 'no_data', null)
union all
from change_state('prod', 'vault_expire_rate_by_type', 'ALL', 'wow', 'no_data', 'missing_baseline')
union all
from change_state('prod', 'vault_expire_rate_by_type', 'ALL', 'qoq', 'no_data', null)
union all
from change_state('qa', 'vault_claim_rate_by_type', 'GOLD', 'dod', 'not_computable', 'no_snapshot')
union all
from change_state('qa', 'vault_claim_rate_by_type', 'GOLD', 'wow', 'not_computable', 'no_snapshot')
union all
from change_state('qa', 'vault_claim_rate_by_type', 'GOLD', 'qoq', 'not_computable', 'no_snapshot')
union all
from change_state('qa', 'vault_claim_rate_by_type', 'PLATINUM', 'dod', 'not_computable', 'no_snapshot')
union all
from change_state('qa', 'vault_claim_rate_by_type', 'PLATINUM', 'wow', 'not_computable', 'no_snapshot')
union all
from change_state('qa', 'vault_claim_rate_by_type', 'PLATINUM', 'qoq', 'not_computable', 'no_snapshot')
union all
from change_state('qa', 'vault_claim_rate_by_type', 'DIAMOND', 'dod', 'not_computable', 'no_snapshot')
union all
from change_state('qa', 'vault_claim_rate_by_type', 'DIAMOND', 'wow', 'not_computable', 'no_snapshot')
union all
from change_state('qa', 'vault_claim_rate_by_type', 'DIAMOND', 'qoq', 'not_computable', 'no_snapshot')
union all
from change_state('qa', 'vault_claim_rate_by_type', 'ALL', 'dod', 'not_computable', 'no_snapshot')
union all
from change_state('qa', 'vault_claim_rate_by_type', 'ALL', 'wow', 'not_computable', 'no_snapshot')
union all
from change_state('qa', 'vault_claim_rate_by_type', 'ALL', 'qoq', 'not_computable', 'no_snapshot')
union all
from change_state('qa', 'vault_expire_rate_by_type', 'GOLD', 'dod', 'not_computable', 'no_snapshot')
union all
from change_state('qa', 'vault_expire_rate_by_type', 'GOLD', 'wow', 'not_computable', 'no_snapshot')
union all
from change_state('qa', 'vault_expire_rate_by_type', 'GOLD', 'qoq', 'not_computable', 'no_snapshot')
union all
from change_state('qa', 'vault_expire_rate_by_type', 'PLATINUM', 'dod', 'not_computable', 'no_snapshot')
union all
from change_state('qa', 'vault_expire_rate_by_type', 'PLATINUM', 'wow', 'not_computable', 'no_snapshot')
union all
from change_state('qa', 'vault_expire_rate_by_type', 'PLATINUM', 'qoq', 'not_computable', 'no_snapshot')
union all
from change_state('qa', 'vault_expire_rate_by_type', 'DIAMOND', 'dod', 'not_computable', 'no_snapshot')
union all
from change_state('qa', 'vault_expire_rate_by_type', 'DIAMOND', 'wow', 'not_computable', 'no_snapshot')
union all
from change_state('qa', 'vault_expire_rate_by_type', 'DIAMOND', 'qoq', 'not_computable', 'no_snapshot')
union all
from change_state('qa', 'vault_expire_rate_by_type', 'ALL', 'dod', 'not_computable', 'no_snapshot')
union all
from change_state('qa', 'vault_expire_rate_by_type', 'ALL', 'wow', 'not_computable', 'no_snapshot')
union all
from change_state('qa', 'vault_expire_rate_by_type', 'ALL', 'qoq', 'not_computable', 'no_snapshot')
union all
from change_state('staging', 'vault_claim_rate_by_type', 'GOLD', 'dod', 'not_computable', 'vault_status')
union all
from change_state('staging', 'vault_claim_rate_by_type', 'GOLD', 'wow', 'not_computable', 'vault_status')
union all
from change_state('staging', 'vault_claim_rate_by_type', 'GOLD', 'qoq', 'not_computable', 'vault_status')
union all
from change_state('staging', 'vault_claim_rate_by_type', 'PLATINUM', 'dod', 'not_computable', 'vault_status')
union all
from change_state('staging', 'vault_claim_rate_by_type', 'PLATINUM', 'wow', 'not_computable', 'vault_status')
union all
from change_state('staging', 'vault_claim_rate_by_type', 'PLATINUM', 'qoq', 'not_computable', 'vault_status')
union all
from change_state('staging', 'vault_claim_rate_by_type', 'DIAMOND', 'dod', 'not_computable', 'vault_status')
union all
from change_state('staging', 'vault_claim_rate_by_type', 'DIAMOND', 'wow', 'not_computable', 'vault_status')
union all
from change_state('staging', 'vault_claim_rate_by_type', 'DIAMOND', 'qoq', 'not_computable', 'vault_status')
union all
from change_state('staging', 'vault_claim_rate_by_type', 'ALL', 'dod', 'not_computable', 'vault_status')
union all
from change_state('staging', 'vault_claim_rate_by_type', 'ALL', 'wow', 'not_computable', 'vault_status')
union all
from change_state('staging', 'vault_claim_rate_by_type', 'ALL', 'qoq', 'not_computable', 'vault_status')
union all
from change_state('staging', 'vault_expire_rate_by_type', 'GOLD', 'dod', 'not_computable', 'vault_status')
union all
from change_state('staging', 'vault_expire_rate_by_type', 'GOLD', 'wow', 'not_computable', 'vault_status')
union all
from change_state('staging', 'vault_expire_rate_by_type', 'GOLD', 'qoq', 'not_computable', 'vault_status')
union all
from change_state('staging', 'vault_expire_rate_by_type', 'PLATINUM', 'dod', 'not_computable', 'vault_status')
union all
from change_state('staging', 'vault_expire_rate_by_type', 'PLATINUM', 'wow', 'not_computable', 'vault_status')
union all
from change_state('staging', 'vault_expire_rate_by_type', 'PLATINUM', 'qoq', 'not_computable', 'vault_status')
union all
from change_state('staging', 'vault_expire_rate_by_type', 'DIAMOND', 'dod', 'not_computable', 'vault_status')
union all
from change_state('staging', 'vault_expire_rate_by_type', 'DIAMOND', 'wow', 'not_computable', 'vault_status')
union all
from change_state('staging', 'vault_expire_rate_by_type', 'DIAMOND', 'qoq', 'not_computable', 'vault_status')
union all
from change_state('staging', 'vault_expire_rate_by_type', 'ALL', 'dod', 'not_computable', 'vault_status')
union all
from change_state('staging', 'vault_expire_rate_by_type', 'ALL', 'wow', 'not_computable', 'vault_status')
union all
from change_state('staging', 'vault_expire_rate_by_type', 'ALL', 'qoq', 'not_computable', 'vault_status');

insert into row_ledger values
    (date '2026-02-13', 'vault-db', 'vault_status', 'prod', 'kept', 4411);
