-- dq_unknown_field: the lines with a field that no kind lists; the lake has their number, and nothing else of them.
-- rows: one per field      adds up: value, in lines
-- source: docs/definitions.md section 5, data quality
select field, rows as value
from unknown_field
where field = $segment
order by field
