-- Nothing about 1 .. k-1 users is shown, a state without a value has none, and no shown total has exactly one hidden part.
select day, metric, period, vault_type, 'a small group is shown' as fault
from metric_daily
where users > 0 and users < $k and state <> 'suppressed'
union all
select day, metric, period, vault_type, 'a hidden cell has numbers'
from metric_daily
where state in ('suppressed', 'not_computable')
    and coalesce(value, numerator, denominator, sample_size, users, ci_low, ci_high) is not null
union all
select day, metric, period, vault_type, 'value and state disagree'
from metric_daily
where (state in ('ok', 'partial') and value is null) or (state = 'no_data' and value is not null)
union all
select whole.day, whole.metric, whole.period, whole.vault_type, 'a total gives its only hidden part away'
from metric_daily as whole
inner join metric_daily as part
    on whole.day = part.day and whole.env = part.env and whole.metric = part.metric and whole.period = part.period
    and whole.statistic = part.statistic and whole.variant_id = part.variant_id and whole.segment = part.segment
where whole.vault_type = 'ALL' and part.vault_type <> 'ALL' and whole.state in ('ok', 'partial', 'immature')
group by whole.day, whole.env, whole.metric, whole.period, whole.vault_type, whole.statistic, whole.variant_id, whole.segment
having count(case when part.state = 'suppressed' then 1 end) = 1
