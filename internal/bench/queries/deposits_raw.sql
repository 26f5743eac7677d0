-- The same from the snapshots. A quantile of whole numbers lies on a tenth, so rounding takes away what a double adds to it.
with quantiles as (
    select env, date_trunc('quarter', dt) as quarter, quantile_cont(diamond_deposit_current, [0.5, 0.9]) as q
    from vault_status
    where diamond_status in ('ACTIVE', 'LOCKED', 'UNLOCKED') and diamond_deposit_current is not null
    group by all
)
select env, quarter, unnest([5, 9]) as a, round(10 * unnest(q))::bigint as tenths from quantiles order by all
