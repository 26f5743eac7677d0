-- metrics_data_quality: lines by what became of them, unknown fields, and the age of sources, for metric_daily to judge.
-- grain: one row per (dt, env, metric, period, vault_type, variant_id, segment, statistic)      key: the same
-- inputs: source_catalogue, source_ledger, source_newest, unknown_field (dt = $dt)
-- source: docs/definitions.md section 5, data quality
-- absent: a reason of quarantine or a field that no line of the day has. They are not about users, so users is NULL
with lines as (
    select reason, sum(rows) as lines from source_ledger where origin = 'events' group by reason
),
lines_per_segment as (
    select segment, 0 as lines
    from (values ('kept'), ('duplicate'), ('blank'), ('quarantined')) as segments(segment)
    union all
    select case when reason in ('kept', 'duplicate', 'blank') then reason else 'quarantined' end, lines from lines
    union all
    select 'quarantined:' || reason, lines from lines where reason not in ('kept', 'duplicate', 'blank')
),
event_sources as (
    select count(case when kind = 'event' then 1 end) as kinds from source_catalogue
),
-- fields are an open-ended split without a total: only what cannot be computed has the row ALL
lines_with_field as (
    select field as segment, rows as lines from unknown_field cross join event_sources where kinds > 0
    union all
    select 'ALL', null from event_sources where kinds = 0
),
sources as (
    select distinct source, name as origin from source_catalogue where kind = 'source'
),
newest as (
    select source, 'events' as origin, newest_at from source_newest
    union all
    select source, 'tables' as origin, newest_at from source_ledger where origin <> 'events'
),
ages as (
    select
        sources.source,
        epoch_us($day_end::timestamp) - epoch_us(max(newest.newest_at)) as microseconds
    from sources
    left join newest
        on sources.source = newest.source and sources.origin = newest.origin
    group by sources.source
),
measures as (
    select
        'dq_lines' as metric, 'ALL' as part, segment, 'count' as statistic, 'count' as unit,
        segment not like 'quarantined:%' as is_fixed, sum(lines)::double as value, sum(lines)::bigint as sample_size
    from lines_per_segment
    group by segment
    union all
    select 'dq_unknown_field', 'ALL', segment, 'count', 'count', kinds = 0, lines::double, lines::bigint
    from lines_with_field
    cross join event_sources
    union all
    select 'source_age', source, source, 'max', 's', true, microseconds::double / 1000000, null
    from ages
),
final as (
    select
        $dt::date as dt, 'ALL' as env, metric, part, 'day' as period, 'ALL' as vault_type, 'ALL' as variant_id, segment, statistic, unit,
        is_fixed,
        null::bigint as numerator,
        null::bigint as denominator,
        value,
        sample_size,
        null::bigint as users,
        0::bigint as immature_windows,
        0::bigint as missing_days,
        null::varchar as ok_reason,
        null::varchar as no_data_reason
    from measures
)
select
    dt, env, metric, part, period, vault_type, variant_id, segment, statistic, unit, is_fixed, numerator, denominator, value, sample_size,
    users, immature_windows, missing_days, ok_reason, no_data_reason
from final
