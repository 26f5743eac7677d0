-- Within a day: ALL is the sum of the types, and what is counted lies within what it is divided by.
-- From day to day: a day starts with what the extracted day before ended with.
with sums as (
    select
        day, env,
        sum(case when vault_type <> 'ALL' then eligible else -eligible end) as eligible,
        sum(case when vault_type <> 'ALL' then claimed else -claimed end) as claimed,
        sum(case when vault_type <> 'ALL' then total else -total end) as total,
        sum(case when vault_type <> 'ALL' then expired else -expired end) as expired,
        sum(case when vault_type <> 'ALL' then retired else -retired end) as retired,
        count(*) as parts
    from vault_daily
    group by day, env
)
select day, env, 'ALL' as vault_type, 'a sum of the types' as fault
from sums
where eligible <> 0 or claimed <> 0 or total <> 0 or expired <> 0 or retired <> 0 or parts <> 4
union all
select day, env, vault_type, 'a part beyond its whole'
from vault_daily
where claimed > eligible or open_start > eligible or expired > total or live_start > total or new > total or retired < 0
union all
select today.day, today.env, today.vault_type, 'a start that is not the end before'
from vault_daily as today
left join yesterday
    on today.day = yesterday.day and today.env = yesterday.env and today.vault_type = yesterday.vault_type
where today.open_start <> coalesce(yesterday.open_end, 0)
    or today.live_start <> coalesce(yesterday.locked_end + yesterday.open_end, 0)
