-- Energy of sessions becomes a decimal like money, so that sums do not depend on the order of rows.
-- A new table, because DuckDB cannot alter a table that an earlier migration of the same transaction updated. `union all by name`
-- adds the column if the file does not store it.

-- requires table charging_sessions
create table new_sessions as
with sessions as (
    select * from charging_sessions
    union all by name
    select null::double as energy_kwh where false)
select * replace (try_cast(energy_kwh as decimal(18, 6)) as energy_kwh) from sessions;
drop table charging_sessions;
alter table new_sessions rename to charging_sessions;
