-- vault_rate_prev_qtd: the days behind both rates of the aligned previous quarter, with what each adds.
-- rows: one per extracted day and type      adds up: numerator and denominator, as in vault_quarter
-- source: docs/definitions.md section 4, "a period P of days"
with days_in_order as (
    select
        dt, vault_type, claimed, expired, open_start, live_start, eligible, total,
        coalesce(vr_days_between(lag(dt) over (partition by vault_type order by dt), dt) = 1, false) as follows_a_day
    from vault_daily
    where env = $env and case $vault_type when 'ALL' then vault_type <> 'ALL' else vault_type = $vault_type end
),
final as (
    select
        dt, vault_type, follows_a_day,
        case $metric when 'vault_claim_rate_by_type' then open_start else live_start end as at_start,
        case $metric when 'vault_claim_rate_by_type' then eligible else total end as all_of_day,
        case $metric when 'vault_claim_rate_by_type' then claimed else expired end as numerator,
        case $metric when 'vault_claim_rate_by_type' then eligible else total end
            - case
                when not follows_a_day then 0
                when $metric = 'vault_claim_rate_by_type' then open_start
                else live_start
            end as denominator
    from days_in_order
)
select dt, vault_type, follows_a_day, at_start, all_of_day, numerator, denominator from final order by dt desc, vault_type
