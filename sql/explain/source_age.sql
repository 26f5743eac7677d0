-- source_age: the newest kept line of a source of events, or the newest row of its tables.
-- rows: one, or none      adds up: value, in seconds
-- source: docs/definitions.md section 5, data quality
with kinds as (
    select distinct name as kind from source_catalogue where kind = 'source' and source = $segment
),
newest as (
    select 'events' as origin, newest_at
    from source_newest
    where source = $segment and 'events' in (select kind from kinds)
    union all
    select origin, newest_at
    from source_ledger
    where source = $segment and origin <> 'events' and newest_at is not null and 'tables' in (select kind from kinds)
)
select origin, newest_at, (epoch_us($day_end::timestamp) - epoch_us(newest_at))::double / 1000000 as value
from newest
order by newest_at desc, origin
limit 1
