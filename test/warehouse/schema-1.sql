-- Our own tables and the sessions' as the first schema version wrote them.
create table ingests (ingest_id bigint not null, source varchar not null, file varchar not null, format varchar not null, rows_read bigint not null, rows_new bigint not null,
  rows_updated bigint not null, rows_unchanged bigint not null, rows_quarantined bigint not null, ingested_at timestamp not null, seconds double not null);
create table quarantine (ingest_id bigint not null, source varchar not null, file varchar not null, line bigint, column_name varchar, value varchar, reason varchar not null, raw varchar, quarantined_at timestamp not null);
create table schema_version (version integer not null);
create table charging_sessions (session_id varchar not null, transaction_id varchar, station_id varchar not null, connector_id varchar, site_id varchar, user_id varchar, rfid varchar, rfid_name varchar,
  rfid_additional_information varchar, start_time timestamp not null, end_time timestamp, energy_kwh double, meter_start double, meter_stop double, invalid_meter_reading boolean, start_soc double,
  stop_soc double, amount_paid decimal(18, 6), currency varchar, tariff_id varchar, optimized_cost decimal(18, 6), cost_savings decimal(18, 6), dto_optimized boolean, charging_type varchar,
  location varchar, status varchar, stop_reason varchar, "timestamp" timestamp not null, transaction_data json);
insert into schema_version values (1);
insert into ingests values (1, 'charging_sessions', 'old.csv', 'csv', 4, 2, 0, 0, 2, timestamp '2026-01-01', 0.1);
insert into quarantine values (1, 'charging_sessions', 'old.csv', 3, 'start_time', 'soon', 'is no date and time', 'x,S,soon', timestamp '2026-01-01'),
  (1, 'charging_sessions', 'old.csv', 5, 'start_time', 'later', 'is no date and time', 'y,S,later', timestamp '2026-01-01');
insert into charging_sessions (session_id, station_id, start_time, energy_kwh, "timestamp") values ('a', 'S', timestamp '2025-01-01', 1, timestamp '2025-01-01'), ('b', 'S', timestamp '2025-01-02', 2, timestamp '2025-01-02');
