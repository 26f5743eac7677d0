-- measured: what the model of a metric measured, for a metric of a project that names no query of its own.
-- rows: one      adds up: value
-- source: docs/definitions.md section 5
select metric, vault_type, variant_id, segment, statistic, sample_size, users, value
from metric_measure
where env = $env and metric = $metric and period = $period and vault_type = $vault_type and variant_id = $variant_id
    and segment = $segment and statistic = $statistic
order by metric
