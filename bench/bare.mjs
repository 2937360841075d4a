// Baseline for start-up: a process that runs one query on one database: node bench/bare.mjs DATABASE
import { DuckDBInstance } from '@duckdb/node-api';

const connection = await (await DuckDBInstance.create(process.argv[2], { access_mode: 'READ_ONLY' })).connect();
const reader = await connection.runAndReadAll(
  `select station_id, location, count(*) as total_sessions, sum(energy_kwh) as total_energy, avg(energy_kwh) as mean_energy
   from charging_sessions group by all order by total_sessions desc nulls last, station_id limit 100`,
);
process.stdout.write(JSON.stringify(reader.getRowObjectsJson()));
