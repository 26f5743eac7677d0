-- progress_users: the users of a segment of attendance or deposits.
-- rows: one per user      adds up: value
-- source: docs/definitions.md section 5, platinum_attendance_progress and diamond_deposit_progress
with progress as (
    select user_key, platinum_status as status, platinum_attendance_days as days, null as krw, updated_at,
        'days=' || least(platinum_attendance_days, 3) as segment
    from vault_status
    where $metric = 'platinum_attendance_progress' and env = $env and platinum_status in ('ACTIVE', 'LOCKED', 'UNLOCKED')
        and platinum_attendance_days is not null
    union all
    select user_key, diamond_status as status, null as days, diamond_deposit_current as krw, updated_at,
        case
            when diamond_deposit_current >= $diamond_target then '100%+'
            when diamond_deposit_current < 0 then null
            when 10 * diamond_deposit_current::hugeint < $diamond_target then '00-10%'
            else 10 * (10 * diamond_deposit_current::hugeint // $diamond_target)
                || '-' || 10 * (10 * diamond_deposit_current::hugeint // $diamond_target + 1) || '%'
        end as segment
    from vault_status
    where $metric = 'diamond_deposit_progress' and env = $env and diamond_status in ('ACTIVE', 'LOCKED', 'UNLOCKED')
        and diamond_deposit_current is not null
)
select user_key, status, days, krw, updated_at, 1 as value
from progress
where segment = $segment
order by days, krw, user_key
