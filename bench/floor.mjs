// What bare DuckDB needs for the same work, as a whole process: node bench/floor.mjs ingest|report …
import { DuckDBInstance } from '@duckdb/node-api';
import { readFileSync } from 'node:fs';
import { sessionColumns } from './sessions.mjs';

const [work, ...args] = process.argv.slice(2);
const columns = Object.entries(sessionColumns).map(([name, type]) => `'${name}': '${type}'`).join(', ');

/** A typed read of the file straight into a table of a fresh database. */
async function ingest(file, database) {
  const connection = await (await DuckDBInstance.create(database)).connect();
  const reader = file.endsWith('.csv')
    ? `read_csv('${file}', header = true, auto_detect = false, delim = ',', quote = '"', escape = '"', columns = {${columns}})`
    : `read_json('${file}', format = 'newline_delimited', columns = {${columns}})`;
  await connection.run(`create table charging_sessions as select * from ${reader}`);
  connection.closeSync();
}

/** The report's own SQL over the database, sorted and cut as the report is; no check, no binder, no shape. */
async function report(path, database, order) {
  const connection = await (await DuckDBInstance.create(database, { access_mode: 'READ_ONLY' })).connect();
  await connection.run(readFileSync('sql/prelude/duckdb.sql', 'utf8').replaceAll('create macro', 'create temp macro'));
  const sql = readFileSync(path, 'utf8').split('---*/')[1].replaceAll('$tz', "'UTC'").replaceAll(/\$\w+/g, 'null');
  const reader = await connection.runAndReadAll(`with report as (${sql}) select * from report order by ${order} limit 100`);
  process.stdout.write(JSON.stringify(reader.getRowObjectsJson()));
}

await { ingest, report }[work](...args);
