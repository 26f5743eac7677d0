-- deposit: the users behind a quantile of deposits, in order, and how much of each is in the quantile.
-- rows: one per user, those that make the value first      adds up: numerator and denominator, whose ratio is the quantile
-- source: docs/definitions.md section 5, quantiles
with
-- a quantile a/b of n sorted values lies at (n - 1) * a / b, counted from 0: between two values where that is no whole number
quantile as (
    select a, b from (values ('p50', 1, 2), ('p90', 9, 10)) as named(statistic, a, b) where statistic = $statistic
),
in_order as (
    select
        user_key, diamond_deposit_current,
        row_number() over (order by diamond_deposit_current, user_key) - 1 as position,
        (count(*) over () - 1) * a // b as low,
        (count(*) over () - 1) * a % b as part,
        b
    from vault_status
    cross join quantile
    where env = $env and diamond_status in ('ACTIVE', 'LOCKED', 'UNLOCKED') and diamond_deposit_current is not null
),
weighted as (
    select *, case position when low then b - part when low + 1 then part else 0 end as weight from in_order
)
select user_key, diamond_deposit_current, position, (diamond_deposit_current::hugeint * weight)::hugeint as numerator, (weight::hugeint * case $segment when 'of_target' then $diamond_target else 1 end)::hugeint as denominator
from weighted
order by weight > 0 desc, position
