-- The marts of a report, as docs/definitions.md sections 5 and 6 and docs/contract.md section 3 name their columns, and
-- macros that fill in what follows from numerators and denominators.
create table metric_daily (
    dt date, env varchar, metric varchar, period varchar, vault_type varchar, variant_id varchar, segment varchar,
    statistic varchar, value double, numerator bigint, denominator bigint, sample_size bigint, users bigint,
    ci_low double, ci_high double, state varchar, reason varchar, unit varchar
);
create table metric_change (
    dt date, env varchar, metric varchar, vault_type varchar, variant_id varchar, segment varchar, statistic varchar,
    comparison varchar, current double, baseline double, current_numerator bigint, current_denominator bigint,
    baseline_numerator bigint, baseline_denominator bigint, absolute double, relative double, p_value double,
    state varchar, reason varchar
);
create table alarm_evaluation (
    dt date, rule varchar, level varchar, env varchar, vault_type varchar, value double, baseline double, numerator bigint,
    denominator bigint, baseline_numerator bigint, baseline_denominator bigint, threshold double, p_value double, state varchar,
    reason varchar, firing_since date, explanation varchar
);
create table alarm_span (
    dt date, rule varchar, level varchar, env varchar, vault_type varchar, place bigint, value double, state varchar, reason varchar,
    holds_since timestamp, held_until timestamp, started_at timestamp, ended_at timestamp, peak varchar, peak_at timestamp
);
create table restatement (
    dt date, env varchar, metric varchar, period varchar, vault_type varchar, variant_id varchar, segment varchar, statistic varchar,
    old_value double, new_value double, old_state varchar, new_state varchar, cause varchar, as_of date
);
create table row_ledger (dt date, source varchar, file varchar, env varchar, reason varchar, rows bigint);

create macro z() as 1.959963984540054;
create macro wilson(x, n, sign) as
    (x / n + z() * z() / (2 * n) + sign * z() * sqrt(x / n * (1 - x / n) / n + z() * z() / (4.0 * n * n))) / (1 + z() * z() / n);

create macro rate_cell(env, metric, period, vault_type, x, n) as table
    select date '2026-02-13', env, metric, period, vault_type, 'ALL', 'ALL', 'rate', x / n, x, n, n, n,
        if(x > n, null, wilson(x::double, n::double, -1)), if(x > n, null, wilson(x::double, n::double, 1)), 'ok', null, 'ratio';

create macro rate_state(env, metric, period, vault_type, state, reason) as table
    select date '2026-02-13', env, metric, period, vault_type, 'ALL', 'ALL', 'rate', null, null, null, null, null,
        null, null, state, reason, 'ratio';

create macro progress_cell(env, vault_type, segment, statistic, value, users, unit) as table
    select date '2026-02-13', env, if(vault_type = 'PLATINUM', 'platinum_attendance_progress', 'diamond_deposit_progress'), 'day',
        vault_type, 'ALL', segment, statistic, value::double, null, null, users, users, null, null, 'ok', null, unit;

create macro progress_state(env, vault_type, segment, statistic, state, reason) as table
    select date '2026-02-13', env, if(vault_type = 'PLATINUM', 'platinum_attendance_progress', 'diamond_deposit_progress'), 'day',
        vault_type, 'ALL', segment, statistic, null, null, null, null, null, null, null, state, reason, 'count';

create macro rate_change(env, metric, vault_type, comparison, x1, n1, x0, n0, p) as table
    select date '2026-02-13', env, metric, vault_type, 'ALL', 'ALL', 'rate', comparison, x1 / n1, x0 / n0, x1, n1, x0, n0,
        x1 / n1 - x0 / n0, (x1 / n1 - x0 / n0) / (x0 / n0), p, 'ok', null;

create macro change_state(env, metric, vault_type, comparison, state, reason) as table
    select date '2026-02-13', env, metric, vault_type, 'ALL', 'ALL', 'rate', comparison, null, null, null, null, null, null,
        null, null, null, state, reason;

create macro evaluated(rule, env, vault_type, x1, n1, x0, n0, threshold, p, state, reason, since, explanation) as table
    select date '2026-02-13', rule, 'investigate', env, vault_type, (x1 / n1) / (x0 / n0) - 1, x0 / n0, x1, n1, x0, n0, threshold, p, state,
        reason, since::date, explanation;

create macro not_evaluated(rule, env, vault_type, state, reason) as table
    select date '2026-02-13', rule, 'investigate', env, vault_type, null, null, null, null, null, null, -0.2, null, state, reason, null, null;
