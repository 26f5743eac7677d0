-- A day's row has dod and wow, a quarter's has qoq; what is hidden stays hidden; a change has a value on both sides.
with expected as (
    select
        day, env, metric, vault_type, variant_id, segment, statistic, period, state,
        case period when 'day' then 2 else 1 end as comparisons
    from metric_daily
    where period in ('day', 'qtd')
),
found as (
    select
        day, env, metric, vault_type, variant_id, segment, statistic,
        case comparison when 'qoq' then 'qtd' else 'day' end as period,
        count(*) as comparisons,
        count(current) as shown
    from metric_change
    group by day, env, metric, vault_type, variant_id, segment, statistic, case comparison when 'qoq' then 'qtd' else 'day' end
)
select coalesce(expected.day, found.day) as day, expected.metric, found.metric as metric_of_change, 'rows' as fault
from expected
full outer join found
    on expected.day = found.day and expected.env = found.env and expected.metric = found.metric
    and expected.period = found.period and expected.vault_type = found.vault_type
    and expected.variant_id = found.variant_id and expected.segment = found.segment and expected.statistic = found.statistic
where expected.metric is null
    or expected.comparisons <> coalesce(found.comparisons, 0)
    or (expected.state in ('suppressed', 'not_computable', 'no_data') and found.shown > 0)
union all
select day, metric, metric, 'a change without its sides'
from metric_change
where (state in ('ok', 'partial') and (current is null or baseline is null or relative is null))
    or (state in ('suppressed', 'not_computable', 'no_data') and coalesce(absolute, relative, p_value) is not null)
