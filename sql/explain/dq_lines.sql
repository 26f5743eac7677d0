-- dq_lines: the files whose lines are counted, with what became of the lines.
-- rows: one per file, env and reason      adds up: value, in lines
-- source: docs/definitions.md section 5, data quality
with of_tables as (
    select distinct source, origin as file from source_ledger where origin <> 'events'
),
lines as (
    select row_ledger.source, row_ledger.file, row_ledger.env, row_ledger.reason, row_ledger.rows
    from row_ledger
    left join of_tables
        on row_ledger.source = of_tables.source and row_ledger.file = of_tables.file
    where of_tables.source is null
)
select source, file, env, reason, rows as value
from lines
where case
    when $segment in ('kept', 'duplicate', 'blank') then reason = $segment
    when $segment = 'quarantined' then reason not in ('kept', 'duplicate', 'blank')
    else $segment = 'quarantined:' || reason
end
order by value desc, source, file, env, reason
