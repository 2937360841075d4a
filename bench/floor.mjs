// Baseline: a process in which bare DuckDB does the same work: node bench/floor.mjs ingest|append|report …
import { DuckDBInstance } from '@duckdb/node-api';
import { readFileSync } from 'node:fs';
import { parse } from 'node:path';
import { sessionColumns } from './sessions.mjs';

const [work, ...args] = process.argv.slice(2);
const columns = Object.entries(sessionColumns)
  .map(([name, type]) => `'${name}': '${type}'`)
  .join(', ');

/** Reads the file with known types into a table of a new database. */
async function ingest(file, database) {
  const connection = await (await DuckDBInstance.create(database)).connect();
  const reader = file.endsWith('.csv')
    ? `read_csv('${file}', header = true, auto_detect = false, delim = ',', quote = '"', escape = '"', columns = {${columns}})`
    : `read_json('${file}', format = 'newline_delimited', columns = {${columns}})`;
  await connection.run(`create table charging_sessions as select * from ${reader}`);
  connection.closeSync();
}

/** Reads the file with known types and appends it to a table. */
async function append(file, database) {
  const connection = await (await DuckDBInstance.create(database)).connect();
  const reader = `read_csv('${file}', header = true, auto_detect = false, delim = ',', quote = '"', escape = '"', columns = {${columns}})`;
  await connection.run(
    `insert into charging_sessions by name select * rename (energy_consumed as energy_kwh) from ${reader}`,
  );
  connection.closeSync();
}

/** Runs the SQL of a report with its sort and limit, without checks, binding or formatting. */
async function report(path, database, order) {
  const connection = await (await DuckDBInstance.create(database, { access_mode: 'READ_ONLY' })).connect();
  await connection.run(readFileSync('sql/prelude/duckdb.sql', 'utf8').replaceAll('create macro', 'create temp macro'));
  await connection.run(
    `create temp view charging_sessions as select *, ${missing.join(', ')} from "${parse(database).name}".main.charging_sessions`,
  );
  const sql = readFileSync(path, 'utf8')
    .split('---*/')[1]
    .replaceAll('$tz', "'UTC'")
    .replaceAll('$by', "'start'")
    .replaceAll(/\$\w+/g, 'null');
  const reader = await connection.runAndReadAll(
    `with report as (${sql}) select * from report order by ${order} limit 100`,
  );
  process.stdout.write(JSON.stringify(reader.getRowObjectsJson()));
}

/** Columns of charging_sessions that the generated file does not have. */
const missing = [
  ...readFileSync('sql/sources/charging_sessions.sql', 'utf8')
    .split('---*/')[1]
    .matchAll(/^  "?(\w+)"? (\w+(?:\([\d, ]+\))?)/gm),
]
  .filter(([, name]) => name !== 'energy_kwh' && !(name in sessionColumns))
  .map(([, name, type]) => `null::${type} as ${name}`);

await { ingest, append, report }[work](...args);
