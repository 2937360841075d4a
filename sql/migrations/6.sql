-- Energy of sessions becomes a decimal like money, so that sums do not depend on the order of rows.

-- requires table charging_sessions
alter table charging_sessions add column if not exists energy_kwh double;
alter table charging_sessions alter column energy_kwh type decimal(18, 6) using try_cast(energy_kwh as decimal(18, 6));
