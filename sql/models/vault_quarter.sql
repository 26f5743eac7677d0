-- vault_quarter: the sums behind both rates, from the first extracted day of the quarter to the day.
-- grain: one row per (dt, env, vault_type), the three types and ALL      key: dt, env, vault_type
-- inputs: vault_daily (dt = $dt), vault_quarter of the extracted day before within the quarter
-- source: docs/definitions.md section 4, "a period P of days"
-- absent: nothing; the first day and a day after a gap begin a run of days with their own start term
with sums as (
    select
        today.env, today.vault_type,
        coalesce(so_far.claimed, 0) + today.claimed as claimed,
        coalesce(so_far.expired, 0) + today.expired as expired,
        coalesce(so_far.eligible, 0) + today.eligible
            - case when vr_days_between(so_far.dt, $dt::date) = 1 then today.open_start else 0 end as eligible,
        coalesce(so_far.total, 0) + today.total
            - case when vr_days_between(so_far.dt, $dt::date) = 1 then today.live_start else 0 end as total
    from vault_daily as today
    left join quarter_before as so_far
        on today.env = so_far.env and today.vault_type = so_far.vault_type
),
final as (
    select
        $dt::date as dt, env, vault_type,
        claimed::bigint as claimed, eligible::bigint as eligible, expired::bigint as expired, total::bigint as total
    from sums
)
select dt, env, vault_type, claimed, eligible, expired, total from final order by dt, env, vault_type
