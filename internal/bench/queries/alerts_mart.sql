-- Alerts with a claim within 24 hours, by day and type.
select dt, env, vault_type, mature_alerts, claimed_alerts from alert_daily where variant_id = 'ALL' and mature_alerts > 0 order by all
