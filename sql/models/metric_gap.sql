-- metric_gap: which metric of which env, or which part of it, cannot be computed on the day, and why.
-- grain: one row per (dt, env, metric, part) that cannot be computed      key: dt, env, metric, part
-- inputs: env_source, source_catalogue, metric_need (dt = $dt)
-- source: docs/definitions.md section 5, not_computable; section 3, without events; docs/sources.md
-- absent: what can be computed
with
-- found: a source of event lines without an env may have lines of any
found as (
    select
        env_source.env, metric_need.metric, metric_need.part, metric_need.place, metric_need.kind, metric_need.name, metric_need.column_name,
        count(case when source_catalogue.kind = 'event' and source_catalogue.name = metric_need.name then 1 end) as sources_of_event,
        count(case when source_catalogue.kind = 'table' then 1 end) as tables,
        count(case when source_catalogue.kind = 'table' and source_catalogue.name = metric_need.name then 1 end)
            + case when metric_need.name = 'vault_status' and env_source.has_snapshot then 1 else 0 end as sources_of_table,
        count(
            case
                when source_catalogue.kind = 'missing_column'
                    and source_catalogue.name = metric_need.name
                    and source_catalogue.column_name = metric_need.column_name
                    then 1
            end
        ) as sources_without_column
    from env_source
    inner join metric_need
        on metric_need.vaults_by is null or metric_need.vaults_by = case when env_source.follows_snapshots then 'snapshots' else 'events' end
    left join source_catalogue
        on env_source.env = source_catalogue.env or source_catalogue.env is null
    group by
        env_source.env, env_source.has_snapshot, metric_need.metric, metric_need.part, metric_need.place, metric_need.kind, metric_need.name, metric_need.column_name
),
-- what stands under env ALL: the lines of the day, and each source of tables
lacks_of_the_day as (
    select metric, 'ALL' as part, 'events' as reason
    from (values ('dq_lines'), ('dq_unknown_field')) as of_lines(metric)
    where not exists (select 1 from source_catalogue where kind = 'event')
    union all
    select distinct 'source_age', source, 'no_snapshot'
    from source_catalogue
    where kind = 'source' and name = 'tables'
        and not exists (select 1 from source_catalogue as held where held.kind = 'table' and held.source = source_catalogue.source)
),
lacks as (
    select
        env, metric, part, place,
        case
            when kind = 'event' and sources_of_event = 0 then name
            when kind = 'table' and sources_of_table = 0 and tables > 0 then name
            when kind = 'table' and sources_of_table = 0 then 'no_snapshot'
            when kind = 'column' and sources_without_column > 0 then name || '.' || column_name
        end as reason
    from found
    union all
    select 'ALL', metric, part, 1, reason from lacks_of_the_day
),
first_lack as (
    select env, metric, part, reason, row_number() over (partition by env, metric, part order by place nulls last) as rank
    from lacks
    where reason is not null
),
final as (
    select $dt::date as dt, env, metric, part, reason
    from first_lack
    where rank = 1
)
select dt, env, metric, part, reason from final order by dt, env, metric, part
