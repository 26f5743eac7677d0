-- Without files the ledger says the same of each source and reason.
select day, source, reason, sum(rows) as rows_too_many
from (
    select day, source, reason, rows from row_ledger
    union all
    select day, source, reason, -rows from source_ledger
) as of_both
group by day, source, reason
having sum(rows) <> 0
