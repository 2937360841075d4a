import { DuckDBInstance } from '@duckdb/node-api';

/** Columns of the generated sessions, with types. */
export const sessionColumns = {
  session_id: 'VARCHAR',
  station_id: 'VARCHAR',
  user_id: 'VARCHAR',
  start_time: 'TIMESTAMP',
  end_time: 'TIMESTAMP',
  energy_consumed: 'DOUBLE',
  amount_paid: 'DECIMAL(18,6)',
  charging_type: 'VARCHAR',
  location: 'VARCHAR',
  timestamp: 'TIMESTAMP',
};

/** Writes `rows` generated sessions as CSV, and as NDJSON if a path is given; deterministic, numbered from `first`, with a version so many hours after their start. */
export async function writeSessions(rows, csv, ndjson, { first = 0, version = 1 } = {}) {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const text = (time) => `strftime(${time}, '%Y-%m-%d %H:%M:%S')`;
  const select = `
    select 'ses_' || lpad(i::varchar, 9, '0') as session_id,
           'cp_' || (hash(i) % 600) as station_id,
           'user_' || (hash(i + 7) % 40000) as user_id,
           ${text('started')} as start_time,
           ${text('started + to_seconds((600 + hash(i + 1) % 20000)::int)')} as end_time,
           round((hash(i + 2) % 60000) / 1000.0 + 0.5, 3) as energy_consumed,
           round((hash(i + 3) % 3000) / 100.0, 2) as amount_paid,
           case when hash(i + 4) % 3 = 0 then 'DC' else 'AC' end as charging_type,
           'Site ' || (hash(i) % 12) as location,
           ${text(`started + interval ${version} hour`)} as timestamp
    from (select i, timestamp '2023-01-01' + to_seconds((hash(i) % 63072000)::int) as started from range(${first}, ${first + rows}) t(i))`;
  await connection.run(`copy (${select}) to '${csv}' (header)`);
  if (ndjson) await connection.run(`copy (${select}) to '${ndjson}' (format json)`);
}
