-- Both rates of the quarter to date and of the aligned previous quarter, from two small files.
select
    today.env, today.vault_type, today.claimed, today.eligible, today.expired, today.total,
    coalesce(previous.claimed, 0), coalesce(previous.eligible, 0), coalesce(previous.expired, 0), coalesce(previous.total, 0),
    (today.claimed / today.eligible) / (previous.claimed / previous.eligible) - 1 as relative
from vault_quarter as today
left join vault_quarter as previous
    on today.env = previous.env and today.vault_type = previous.vault_type and previous.dt < date_trunc('quarter', today.dt)
where today.dt = $dt::date and today.total > 0
order by today.env, today.vault_type
