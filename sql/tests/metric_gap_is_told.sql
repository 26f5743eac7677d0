-- What cannot be computed is told by the rows of its metric, with the reason of the gap, and nothing else is.
select metric_daily.day, metric_daily.env, metric_daily.metric, 'not computable for no such reason' as fault
from metric_daily
left join metric_gap
    on metric_daily.day = metric_gap.day and metric_daily.env = metric_gap.env and metric_daily.metric = metric_gap.metric
    and metric_daily.reason = metric_gap.reason
where metric_daily.state = 'not_computable' and metric_gap.metric is null
union all
select metric_daily.day, metric_daily.env, metric_daily.metric, 'computed in spite of a gap'
from metric_daily
inner join metric_gap
    on metric_daily.day = metric_gap.day and metric_daily.env = metric_gap.env and metric_daily.metric = metric_gap.metric
where metric_daily.state <> 'not_computable' and metric_gap.part = 'ALL'
