-- Every table of this warehouse as a view. Written by vaultreport with each snapshot: changes are lost.
-- Use: duckdb -init views.sql, in this folder. Tables and days of one snapshot: vaultreport query.
set variable vaultreport_root = (select case when count(*) > 0 then '' else '/data/o''brien/' end from glob('_snapshots/*.json'));
create or replace view events as select null::DATE as dt, null::VARCHAR as event, null::TIMESTAMP as ts where false;
create or replace view metric_daily as select * from read_parquet(coalesce(getvariable('vaultreport_root'), '/data/o''brien/') || 'marts/metric_daily/dt=*/*.parquet', hive_partitioning = false);
create or replace view alarm as select null::DATE as dt, null::VARCHAR as rule where false;
create or replace view of_old as select * from read_parquet(coalesce(getvariable('vaultreport_root'), '/data/o''brien/') || 'marts/of_old/dt=*/*.parquet', hive_partitioning = false);
