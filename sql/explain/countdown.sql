-- countdown: the vaults of a segment of the countdown; of ALL the users, each with the vaults that are in it.
-- rows: one per vault of a type, one per user for ALL      adds up: value
-- source: docs/definitions.md section 5, countdown
with expiring as (
    select
        user_key, vault_type, expires_at,
        case
            when expires_at < $day_end::timestamp then 'overdue'
            when expires_at < $start_of_day_2::timestamp then 'D0'
            when expires_at < $start_of_day_3::timestamp then 'D-1'
            else 'D-2'
        end as segment
    from vault_state
    where env = $env and status in ('LOCKED', 'UNLOCKED') and expires_at < $start_of_day_4::timestamp
        and ($vault_type = 'ALL' or vault_type = $vault_type)
)
select
    user_key, string_agg(vault_type, ' ' order by vault_type) as vaults, min(expires_at) as first_expires_at, 1 as value
from expiring
where segment = $segment
group by user_key
order by first_expires_at, user_key
