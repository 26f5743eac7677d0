-- 21 files, of which file k has k quarantined lines, and file 3 as many as file 21.
insert into row_ledger
select date '2026-02-13', 'api', format('logs/{:02d}.jsonl', k), 'prod', 'kept', 100 from range(1, 22) as t(k);
insert into row_ledger
select date '2026-02-13', 'api', format('logs/{:02d}.jsonl', k), null, 'not_json', if(k = 3, 21, k) from range(1, 22) as t(k);
