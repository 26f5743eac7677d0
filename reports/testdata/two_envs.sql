-- Two environments on an ordinary Friday. staging sorts after prod, dev before both by name.

insert into metric_daily
from rate_cell('prod', 'vault_claim_rate_by_type', 'day', 'GOLD', 5210, 9874)
union all
from rate_cell('prod', 'vault_claim_rate_by_type', 'qtd', 'GOLD', 213627, 395050)
union all
from rate_cell('prod', 'vault_claim_rate_by_type', 'prev_qtd', 'GOLD', 224025, 404834)
union all
from rate_cell('prod', 'vault_claim_rate_by_type', 'day', 'PLATINUM', 1288, 4411)
union all
from rate_cell('prod', 'vault_claim_rate_by_type', 'qtd', 'PLATINUM', 52825, 176530)
union all
from rate_cell('prod', 'vault_claim_rate_by_type', 'prev_qtd', 'PLATINUM', 55379, 180851)
union all
from rate_cell('prod', 'vault_claim_rate_by_type', 'day', 'DIAMOND', 402, 2120)
union all
from rate_cell('prod', 'vault_claim_rate_by_type', 'qtd', 'DIAMOND', 16499, 84890)
union all
from rate_cell('prod', 'vault_claim_rate_by_type', 'prev_qtd', 'DIAMOND', 17281, 86920)
union all
from rate_cell('prod', 'vault_claim_rate_by_type', 'day', 'ALL', 6900, 16405)
union all
from rate_cell('prod', 'vault_claim_rate_by_type', 'qtd', 'ALL', 282951, 656470)
union all
from rate_cell('prod', 'vault_claim_rate_by_type', 'prev_qtd', 'ALL', 296685, 672605)
union all
from rate_cell('prod', 'vault_expire_rate_by_type', 'day', 'GOLD', 611, 13240)
union all
from rate_cell('prod', 'vault_expire_rate_by_type', 'qtd', 'GOLD', 25068, 529690)
union all
from rate_cell('prod', 'vault_expire_rate_by_type', 'prev_qtd', 'GOLD', 26268, 542840)
union all
from rate_cell('prod', 'vault_expire_rate_by_type', 'day', 'PLATINUM', 298, 6108)
union all
from rate_cell('prod', 'vault_expire_rate_by_type', 'qtd', 'PLATINUM', 12235, 244410)
union all
from rate_cell('prod', 'vault_expire_rate_by_type', 'prev_qtd', 'PLATINUM', 12809, 250428)
union all
from rate_cell('prod', 'vault_expire_rate_by_type', 'day', 'DIAMOND', 177, 3015)
union all
from rate_cell('prod', 'vault_expire_rate_by_type', 'qtd', 'DIAMOND', 7274, 120690)
union all
from rate_cell('prod', 'vault_expire_rate_by_type', 'prev_qtd', 'DIAMOND', 7606, 123615)
union all
from rate_cell('prod', 'vault_expire_rate_by_type', 'day', 'ALL', 1086, 22363)
union all
from rate_cell('prod', 'vault_expire_rate_by_type', 'qtd', 'ALL', 44577, 894790)
union all
from rate_cell('prod', 'vault_expire_rate_by_type', 'prev_qtd', 'ALL', 46683, 916883)
union all
from rate_cell('dev', 'vault_claim_rate_by_type', 'day', 'GOLD', 31, 64)
union all
from rate_cell('dev', 'vault_claim_rate_by_type', 'qtd', 'GOLD', 1288, 2650)
union all
from rate_cell('dev', 'vault_claim_rate_by_type', 'prev_qtd', 'GOLD', 1328, 2624)
union all
from rate_cell('dev', 'vault_claim_rate_by_type', 'day', 'PLATINUM', 9, 27)
union all
from rate_cell('dev', 'vault_claim_rate_by_type', 'qtd', 'PLATINUM', 386, 1170)
union all
from rate_cell('dev', 'vault_claim_rate_by_type', 'prev_qtd', 'PLATINUM', 382, 1107)
union all
from rate_cell('dev', 'vault_claim_rate_by_type', 'day', 'DIAMOND', 7, 22)
union all
from rate_cell('dev', 'vault_claim_rate_by_type', 'qtd', 'DIAMOND', 304, 970)
union all
from rate_cell('dev', 'vault_claim_rate_by_type', 'prev_qtd', 'DIAMOND', 296, 902)
union all
from rate_cell('dev', 'vault_claim_rate_by_type', 'day', 'ALL', 47, 113)
union all
from rate_cell('dev', 'vault_claim_rate_by_type', 'qtd', 'ALL', 1978, 4790)
union all
from rate_cell('dev', 'vault_claim_rate_by_type', 'prev_qtd', 'ALL', 2006, 4633)
union all
from rate_cell('dev', 'vault_expire_rate_by_type', 'day', 'GOLD', 6, 80)
union all
from rate_cell('dev', 'vault_expire_rate_by_type', 'qtd', 'GOLD', 263, 3290)
union all
from rate_cell('dev', 'vault_expire_rate_by_type', 'prev_qtd', 'GOLD', 253, 3280)
union all
from rate_cell('dev', 'vault_expire_rate_by_type', 'day', 'PLATINUM', 5, 41)
union all
from rate_cell('dev', 'vault_expire_rate_by_type', 'qtd', 'PLATINUM', 222, 1730)
union all
from rate_cell('dev', 'vault_expire_rate_by_type', 'prev_qtd', 'PLATINUM', 210, 1681)
union all
from rate_cell('dev', 'vault_expire_rate_by_type', 'day', 'DIAMOND', 8, 30)
union all
from rate_cell('dev', 'vault_expire_rate_by_type', 'qtd', 'DIAMOND', 345, 1290)
union all
from rate_cell('dev', 'vault_expire_rate_by_type', 'prev_qtd', 'DIAMOND', 339, 1230)
union all
from rate_cell('dev', 'vault_expire_rate_by_type', 'day', 'ALL', 19, 151)
union all
from rate_cell('dev', 'vault_expire_rate_by_type', 'qtd', 'ALL', 830, 6310)
union all
from rate_cell('dev', 'vault_expire_rate_by_type', 'prev_qtd', 'ALL', 802, 6191)
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
from progress_cell('dev', 'PLATINUM', 'ALL', 'avg', 0.5, 8, 'days')
union all
from progress_cell('dev', 'PLATINUM', 'days=0', 'count', 6, 6, 'count')
union all
from progress_cell('dev', 'PLATINUM', 'days=1', 'count', 0, 0, 'count')
union all
from progress_cell('dev', 'PLATINUM', 'days=2', 'count', 0, 0, 'count')
union all
from progress_state('dev', 'PLATINUM', 'days=3', 'count', 'suppressed', 'k')
union all
from progress_cell('dev', 'DIAMOND', 'ALL', 'p50', 0, 7, 'krw')
union all
from progress_cell('dev', 'DIAMOND', 'of_target', 'p50', 0, 7, 'ratio')
union all
from progress_cell('dev', 'DIAMOND', 'ALL', 'p90', 40000, 7, 'krw')
union all
from progress_cell('dev', 'DIAMOND', 'of_target', 'p90', 0.08, 7, 'ratio')
union all
from progress_cell('dev', 'DIAMOND', '00-10%', 'count', 7, 7, 'count')
union all
from progress_cell('dev', 'DIAMOND', '10-20%', 'count', 0, 0, 'count')
union all
from progress_cell('dev', 'DIAMOND', '20-30%', 'count', 0, 0, 'count')
union all
from progress_cell('dev', 'DIAMOND', '30-40%', 'count', 0, 0, 'count')
union all
from progress_cell('dev', 'DIAMOND', '40-50%', 'count', 0, 0, 'count')
union all
from progress_cell('dev', 'DIAMOND', '50-60%', 'count', 0, 0, 'count')
union all
from progress_cell('dev', 'DIAMOND', '60-70%', 'count', 0, 0, 'count')
union all
from progress_cell('dev', 'DIAMOND', '70-80%', 'count', 0, 0, 'count')
union all
from progress_cell('dev', 'DIAMOND', '80-90%', 'count', 0, 0, 'count')
union all
from progress_cell('dev', 'DIAMOND', '90-100%', 'count', 0, 0, 'count')
union all
from progress_cell('dev', 'DIAMOND', '100%+', 'count', 0, 0, 'count');

-- Data quality stands under env ALL, which is no environment.
insert into metric_daily values
    (date '2026-02-13', 'ALL', 'dq_lines', 'day', 'ALL', 'ALL', 'kept', 'count', 51234, null, null, 51234, null, null, null, 'ok', null, 'count');

insert into metric_change
from rate_change('prod', 'vault_claim_rate_by_type', 'GOLD', 'dod', 5210, 9874, 5372, 9795, 0.00345)
union all
from rate_change('prod', 'vault_claim_rate_by_type', 'GOLD', 'wow', 5210, 9874, 5048, 9913, 0.00953)
union all
from rate_change('prod', 'vault_claim_rate_by_type', 'GOLD', 'qoq', 213627, 395050, 224025, 404834, 9.06e-30)
union all
from rate_change('prod', 'vault_claim_rate_by_type', 'PLATINUM', 'dod', 1288, 4411, 1211, 4411, 0.0688)
union all
from rate_change('prod', 'vault_claim_rate_by_type', 'PLATINUM', 'wow', 1288, 4411, 1365, 4429, 0.0966)
union all
from rate_change('prod', 'vault_claim_rate_by_type', 'PLATINUM', 'qoq', 52825, 176530, 55379, 180851, 5.74e-06)
union all
from rate_change('prod', 'vault_claim_rate_by_type', 'DIAMOND', 'dod', 402, 2120, 438, 2162, 0.285)
union all
from rate_change('prod', 'vault_claim_rate_by_type', 'DIAMOND', 'wow', 402, 2120, 366, 2128, 0.135)
union all
from rate_change('prod', 'vault_claim_rate_by_type', 'DIAMOND', 'qoq', 16499, 84890, 17281, 86920, 0.0201)
union all
from rate_change('prod', 'vault_claim_rate_by_type', 'ALL', 'dod', 6900, 16405, 7021, 16368, 0.127)
union all
from rate_change('prod', 'vault_claim_rate_by_type', 'ALL', 'wow', 6900, 16405, 6779, 16470, 0.0976)
union all
from rate_change('prod', 'vault_claim_rate_by_type', 'ALL', 'qoq', 282951, 656470, 296685, 672605, 1.06e-31)
union all
from rate_change('prod', 'vault_expire_rate_by_type', 'GOLD', 'dod', 611, 13240, 630, 13134, 0.485)
union all
from rate_change('prod', 'vault_expire_rate_by_type', 'GOLD', 'wow', 611, 13240, 592, 13293, 0.528)
union all
from rate_change('prod', 'vault_expire_rate_by_type', 'GOLD', 'qoq', 25068, 529690, 26268, 542840, 0.00985)
union all
from rate_change('prod', 'vault_expire_rate_by_type', 'PLATINUM', 'dod', 298, 6108, 280, 6108, 0.443)
union all
from rate_change('prod', 'vault_expire_rate_by_type', 'PLATINUM', 'wow', 298, 6108, 316, 6132, 0.487)
union all
from rate_change('prod', 'vault_expire_rate_by_type', 'PLATINUM', 'qoq', 12235, 244410, 12809, 250428, 0.0806)
union all
from rate_change('prod', 'vault_expire_rate_by_type', 'DIAMOND', 'dod', 177, 3015, 193, 3075, 0.507)
union all
from rate_change('prod', 'vault_expire_rate_by_type', 'DIAMOND', 'wow', 177, 3015, 161, 3027, 0.351)
union all
from rate_change('prod', 'vault_expire_rate_by_type', 'DIAMOND', 'qoq', 7274, 120690, 7606, 123615, 0.193)
union all
from rate_change('prod', 'vault_expire_rate_by_type', 'ALL', 'dod', 1086, 22363, 1103, 22317, 0.673)
union all
from rate_change('prod', 'vault_expire_rate_by_type', 'ALL', 'wow', 1086, 22363, 1069, 22452, 0.638)
union all
from rate_change('prod', 'vault_expire_rate_by_type', 'ALL', 'qoq', 44577, 894790, 46683, 916883, 0.000742)
union all
from rate_change('dev', 'vault_claim_rate_by_type', 'GOLD', 'dod', 31, 64, 32, 63, 0.791)
union all
from rate_change('dev', 'vault_claim_rate_by_type', 'GOLD', 'wow', 31, 64, 30, 64, 0.86)
union all
from rate_change('dev', 'vault_claim_rate_by_type', 'GOLD', 'qoq', 1288, 2650, 1328, 2624, 0.145)
union all
from rate_change('dev', 'vault_claim_rate_by_type', 'PLATINUM', 'dod', 9, 27, 8, 27, 0.77)
union all
from rate_change('dev', 'vault_claim_rate_by_type', 'PLATINUM', 'wow', 9, 27, 10, 27, 0.776)
union all
from rate_change('dev', 'vault_claim_rate_by_type', 'PLATINUM', 'qoq', 386, 1170, 382, 1107, 0.444)
union all
from rate_change('dev', 'vault_claim_rate_by_type', 'DIAMOND', 'dod', 7, 22, 8, 22, 0.75)
union all
from rate_change('dev', 'vault_claim_rate_by_type', 'DIAMOND', 'wow', 7, 22, 6, 22, 0.741)
union all
from rate_change('dev', 'vault_claim_rate_by_type', 'DIAMOND', 'qoq', 304, 970, 296, 902, 0.494)
union all
from rate_change('dev', 'vault_claim_rate_by_type', 'ALL', 'dod', 47, 113, 48, 112, 0.848)
union all
from rate_change('dev', 'vault_claim_rate_by_type', 'ALL', 'wow', 47, 113, 46, 113, 0.892)
union all
from rate_change('dev', 'vault_claim_rate_by_type', 'ALL', 'qoq', 1978, 4790, 2006, 4633, 0.049)
union all
from rate_change('dev', 'vault_expire_rate_by_type', 'GOLD', 'dod', 6, 80, 6, 79, 0.982)
union all
from rate_change('dev', 'vault_expire_rate_by_type', 'GOLD', 'wow', 6, 80, 6, 80, 1)
union all
from rate_change('dev', 'vault_expire_rate_by_type', 'GOLD', 'qoq', 263, 3290, 253, 3280, 0.673)
union all
from rate_change('dev', 'vault_expire_rate_by_type', 'PLATINUM', 'dod', 5, 41, 5, 41, 1)
union all
from rate_change('dev', 'vault_expire_rate_by_type', 'PLATINUM', 'wow', 5, 41, 5, 41, 1)
union all
from rate_change('dev', 'vault_expire_rate_by_type', 'PLATINUM', 'qoq', 222, 1730, 210, 1681, 0.765)
union all
from rate_change('dev', 'vault_expire_rate_by_type', 'DIAMOND', 'dod', 8, 30, 9, 31, 0.837)
union all
from rate_change('dev', 'vault_expire_rate_by_type', 'DIAMOND', 'wow', 8, 30, 7, 30, 0.766)
union all
from rate_change('dev', 'vault_expire_rate_by_type', 'DIAMOND', 'qoq', 345, 1290, 339, 1230, 0.645)
union all
from rate_change('dev', 'vault_expire_rate_by_type', 'ALL', 'dod', 19, 151, 20, 151, 0.864)
union all
from rate_change('dev', 'vault_expire_rate_by_type', 'ALL', 'wow', 19, 151, 18, 151, 0.861)
union all
from rate_change('dev', 'vault_expire_rate_by_type', 'ALL', 'qoq', 830, 6310, 802, 6191, 0.741);

insert into row_ledger values
    (date '2026-02-13', 'api', 'logs/2026-02-13/prod.jsonl.gz', 'prod', 'kept', 48210),
    (date '2026-02-13', 'api', 'logs/2026-02-13/prod.jsonl.gz', 'prod', 'duplicate', 311),
    (date '2026-02-13', 'api', 'logs/2026-02-13/prod.jsonl.gz', null, 'blank', 2),
    (date '2026-02-13', 'api', 'logs/2026-02-13/prod.jsonl.gz', null, 'not_json', 41),
    (date '2026-02-13', 'api', 'logs/2026-02-13/prod.jsonl.gz', 'prod', 'pii_refused', 3),
    (date '2026-02-13', 'api', 'logs/2026-02-13/prod.jsonl.gz', 'prod', 'conflicting_duplicate', 152),
    (date '2026-02-13', 'api', 'logs/2026-02-14/prod.jsonl.gz', 'prod', 'kept', 96),
    (date '2026-02-13', 'api', 'logs/2026-02-13/dev.jsonl.gz', 'dev', 'kept', 702),
    (date '2026-02-13', 'api', 'logs/2026-02-13/dev.jsonl.gz', null, 'bad_field', 17),
    (date '2026-02-13', 'batch', 'batch/2026-02-13.jsonl', 'prod', 'kept', 288);

-- The total and one type fire, the total for some days; another type has come to an end; dev has too little.
insert into alarm_evaluation
from evaluated('claim_rate_drop', 'prod', 'ALL', 18000, 66000, 24000, 66000, -0.2, 1.2e-9, 'firing', null, '2026-02-10',
    '{"text":"Claim rate of ALL in prod fell from 36.4% (24000 of 66000) to 27.3% (18000 of 66000): -25.00% against the same days of the previous quarter, threshold -20%.","change":-0.09090909090909091,"parts":[{"name":"DIAMOND","part":"rate","value":-0.02},{"name":"DIAMOND","part":"mix","value":0.001},{"name":"GOLD","part":"rate","value":-0.07},{"name":"GOLD","part":"mix","value":-0.00190909090909091}]}')
union all
from evaluated('claim_rate_drop', 'prod', 'DIAMOND', 30, 120, 50, 120, -0.2, 0.006, 'firing', null, '2026-02-13',
    '{"text":"Claim rate of DIAMOND in prod fell.","change":-0.16666666666666666,"parts":[{"name":"DIAMOND","part":"numerator","value":-0.16666666666666666},{"name":"DIAMOND","part":"denominator","value":0}]}')
union all
from evaluated('claim_rate_drop', 'prod', 'GOLD', 90, 300, 100, 300, -0.2, 0.38, 'resolved', null, null, null)
union all
from evaluated('claim_rate_drop', 'prod', 'PLATINUM', 90, 300, 100, 300, -0.2, 0.38, 'ok', null, null, null)
union all
from evaluated('expire_rate_spike', 'dev', 'GOLD', 3, 20, 1, 20, 0.15, 0.29, 'insufficient_data', 'min_denominator', null, null)
union all
from evaluated('expire_rate_spike', 'dev', 'PLATINUM', 3, 20, 1, 20, 0.15, 0.29, 'insufficient_data', 'min_denominator', null, null);

-- On event time: a warning that fires over midnight, whose higher level has come to an end; a pending one; a gap of which the
-- numbers are hidden.
insert into alarm_evaluation values
    (date '2026-02-13', 'dlq_size', 'warn', 'prod', 'ALL', 612, null, null, null, null, null, 100, null, 'firing', null, date '2026-02-12',
        '{"text":"The depth of all dead letter queues in prod is above 100 from 2026-02-12T23:30:00+09:00 on.","change":null,"parts":[]}'),
    (date '2026-02-13', 'dlq_size', 'critical', 'prod', 'ALL', 612, null, null, null, null, null, 500, null, 'resolved', null, null, null),
    (date '2026-02-13', 'compensation_pending', 'warn', 'prod', 'ALL', 3, null, null, null, null, null, 0, null, 'pending', null, null, null),
    (date '2026-02-13', 'variant_claim_gap', 'investigate', 'prod', 'ALL', null, null, 31, 100, null, null, 0.15, null, 'firing', null, date '2026-02-13',
        '{"text":"The share of alerts that a claim follows in prod differs between variants by more than 15 points. Its numbers are not shown: a variant has too few users, or would tell of one that has.","change":null,"parts":[]}');
insert into alarm_evaluation values
    (date '2026-02-13', 'notify_enqueue_latency', 'warn', 'prod', 'ALL', 8974.4, null, null, null, null, null, 5000, null, 'resolved', null, null, null),
    (date '2026-02-13', 'notify_enqueue_latency', 'warn', 'dev', 'ALL', null, null, null, null, null, null, 5000, null, 'no_data', 'NOTIFY_ENQUEUED', null, null),
    (date '2026-02-13', 'dlq_size', 'warn', 'dev', 'ALL', 27, null, null, null, null, null, 100, null, 'ok', null, null, null),
    (date '2026-02-13', 'variant_claim_gap', 'investigate', 'dev', 'ALL', null, null, null, null, null, null, 0.15, null, 'insufficient_data', 'min_denominator', null, null);

-- Seoul is nine hours ahead of UTC.
insert into alarm_span values
    (date '2026-02-13', 'compensation_pending', 'warn', 'prod', 'ALL', 1, 3, 'pending', null, '2026-02-13 14:55:10', null, null, null, '3', '2026-02-13 14:56:00'),
    (date '2026-02-13', 'dlq_size', 'critical', 'prod', 'ALL', 1, 612, 'resolved', null, '2026-02-13 03:00:00', '2026-02-13 03:30:00', '2026-02-13 03:00:00', '2026-02-13 03:30:00', '612', '2026-02-13 03:10:00'),
    (date '2026-02-13', 'dlq_size', 'warn', 'prod', 'ALL', 1, 612, 'firing', null, '2026-02-12 14:30:00', null, '2026-02-12 14:30:00', null, '612', '2026-02-13 03:10:00'),
    (date '2026-02-13', 'notify_enqueue_latency', 'warn', 'prod', 'ALL', 1, 8974.4, 'resolved', null, '2026-02-12 14:59:00', '2026-02-12 15:02:00.5', '2026-02-12 14:59:00', '2026-02-12 15:02:00.5', '6000', '2026-02-12 15:00:00'),
    (date '2026-02-13', 'notify_enqueue_latency', 'warn', 'prod', 'ALL', 2, 8974.4, 'resolved', null, '2026-02-13 11:02:57', '2026-02-13 11:54:08', '2026-02-13 11:02:57', '2026-02-13 11:54:08', '44872/5', '2026-02-13 11:30:00');

-- A rule of one's own on a count that compares: no rate, so nothing to divide.
insert into alarm_evaluation values
    (date '2026-02-13', 'more_alerts', 'warn', 'dev', 'ALL', 2, 1500, null, null, null, null, 0.5, null, 'firing', null, date '2026-02-13', '{"text":"More alerts.","change":null,"parts":[]}');
