-- attendance: the users behind the mean of attendance, with their days.
-- rows: one per user      adds up: numerator in days and denominator in users, whose ratio is the mean
-- source: docs/definitions.md section 5, platinum_attendance_progress
select user_key, platinum_status, updated_at, platinum_attendance_days as numerator, 1 as denominator
from vault_status
where env = $env and platinum_status in ('ACTIVE', 'LOCKED', 'UNLOCKED') and platinum_attendance_days is not null
order by numerator desc, user_key
