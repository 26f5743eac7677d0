-- extension: the users whose expiry was extended, in shadow or in earnest, per reason.
-- rows: one per user and reason      adds up: value, in extensions
-- source: docs/definitions.md section 5, extend_expiry_applied_count
with extensions as (
    select
        user_key, reason,
        case when $segment like 'shadow%' then first_shadow_at else first_actual_at end as first_extended_at,
        case when $segment like 'shadow%' then shadow_extensions else actual_extensions end as extensions
    from expiry_extension
    where env = $env and $segment in ('shadow', 'actual', 'shadow:' || reason, 'actual:' || reason)
)
select user_key, reason, first_extended_at, extensions as value
from extensions
where extensions > 0
order by first_extended_at, user_key, reason
