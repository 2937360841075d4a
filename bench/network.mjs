import { DuckDBInstance } from '@duckdb/node-api';

const text = (time) => `strftime(${time}, '%Y-%m-%d %H:%M:%S')`;
const stations = 600;

/** Writes a generated network: `rows` sessions and as many events in 2023 and 2024, with sites and charge points; deterministic. */
export async function writeNetwork(rows, at) {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const write = (name, select) => connection.run(`copy (${select}) to '${at(name)}' (header)`);
  await write(
    'network-sites.csv',
    `select 'site_' || i as site_id, 'Site ' || i as site_name, 'Europe/Berlin' as timezone from range(12) t(i)`,
  );
  await write(
    'network-charge-points.csv',
    `
    select 'cp_' || i as station_id, 'Charge point ' || i as charge_point_name, 'site_' || (i % 12) as site_id, 'Maker' as vendor, 'Model ' || (i % 3) as model,
           '1.' || (i % 4) || '.0' as firmware_version, case when i % 3 = 0 then 150 else 22 end as power_kw, 3600 as heartbeat_interval_seconds
    from range(${stations}) t(i)`,
  );
  await write(
    'network-connectors.csv',
    `
    select 'cp_' || i as station_id, c as connector_id, 'Type 2' as connector_type, 22 as power_kw from range(${stations}) t(i), range(1, 3) u(c)`,
  );
  await write(
    'network-tariffs.csv',
    `select 'tariff_' || i as tariff_id, 'Tariff ' || i as tariff_name, 'EUR' as currency, 0.4 + i / 10.0 as price_per_kwh from range(4) t(i)`,
  );
  await write(
    'network-firmware.csv',
    `
    select 'Model ' || m as model, '1.' || v || '.0' as firmware_version, ${text(`timestamp '2023-01-01' + to_days((v * 150)::int)`)} as released_at, true as approved
    from range(3) t(m), range(4) u(v)`,
  );
  await write(
    'network-sessions.csv',
    `
    select 'ses_' || lpad(i::varchar, 9, '0') as session_id, 'cp_' || (hash(i) % ${stations}) as station_id, 1 + hash(i + 6) % 2 as connector_id,
           'site_' || (hash(i) % ${stations} % 12) as site_id, 'user_' || (hash(i + 7) % 40000) as user_id, 'rfid_' || (hash(i + 7) % 40000) as rfid,
           ${text('started')} as start_time, ${text('started + to_seconds(seconds)')} as end_time, kwh as energy_consumed,
           i::bigint * 10 as meter_start, i::bigint * 10 + round(kwh * 1000)::bigint as meter_stop, round(kwh * (0.4 + tariff / 10.0), 2) as amount_paid,
           'EUR' as currency, 'tariff_' || tariff as tariff_id, case when hash(i + 5) % 20 = 0 then 'failed' else 'completed' end as status,
           'Reason ' || (hash(i + 9) % 8) as stop_reason, ${text('started + to_seconds(seconds)')} as timestamp
    from (select i, timestamp '2023-01-01' + to_seconds((hash(i) % 63072000)::int) as started, (600 + hash(i + 1) % 20000)::int as seconds,
                 round((hash(i + 2) % 60000) / 1000.0 + 0.5, 3) as kwh, hash(i + 8) % 4 as tariff
          from range(${rows}) t(i))`,
  );
  await write(
    'network-events.csv',
    `
    select 'evt_' || i as event_id, 'cp_' || (i % ${stations}) as station_id,
           case when kind < 880 then 'heartbeat' when kind < 960 then 'status' when kind < 970 then 'disconnect' when kind < 980 then 'connect' else 'meter' end as event_type,
           ${text(`timestamp '2023-01-01' + to_seconds((i // ${stations} * step + hash(i + 1) % 60)::int)`)} as event_time,
           case when kind between 880 and 959 or kind >= 980 then 1 + hash(i + 2) % 2 end as connector_id,
           case when kind between 880 and 959 then ['Available', 'Preparing', 'Charging', 'Finishing', 'Faulted'][(1 + hash(i + 3) % 25 // 6)::bigint] end as status,
           case when kind >= 980 then hash(i + 4) % 22 end as power_kw, case when kind >= 980 then hash(i + 5) % 60 end as energy_kwh
    from (select i, hash(i) % 1000 as kind, 63072000.0 / greatest(${rows} // ${stations}, 1) as step from range(${rows}) t(i))`,
  );
  return ['sites', 'charge-points', 'connectors', 'tariffs', 'firmware', 'sessions', 'events'].map((name) =>
    at(`network-${name}.csv`),
  );
}
