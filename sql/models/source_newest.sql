-- source_newest: the newest kept line of every source of event lines so far.
-- grain: one row per (dt, source) that ever had a kept line      key: dt, source
-- inputs: source_ledger (dt = $dt), source_newest of the extracted day before
-- source: docs/definitions.md section 5, source_age
-- absent: a source without any kept line so far
with newest as (
    select source, newest_at from source_newest_before
    union all
    select source, newest_at from source_ledger where origin = 'events' and newest_at is not null
),
final as (
    select $dt::date as dt, source, max(newest_at) as newest_at
    from newest
    group by source
)
select dt, source, newest_at from final order by dt, source
