// Runs one query in a new process and prints its median time and rows as JSON: node bench/query.mjs report|plain NAME DATABASE PARAMETERS
import { DuckDBInstance } from '@duckdb/node-api';
import { readFileSync } from 'node:fs';
import { median } from './measure.mjs';

const [kind, name, database, parameters] = process.argv.slice(2);

/** Runs a report like the command line and the server do. */
async function report() {
  const { Catalog, DuckDb, openForReading, runReport } = await import('../dist/bench-entry.js');
  const engine = await DuckDb.open();
  const catalog = await Catalog.open(engine);
  const definition = await catalog.report(name);
  await openForReading(engine, database, catalog, { tables: definition.tables });
  return async () =>
    (
      await runReport(engine, definition, JSON.parse(parameters), {
        now: new Date(),
        label: (each) => each,
        defaultTimeZone: 'UTC',
      })
    ).rows;
}

/** Runs handwritten SQL on the tables; returns the rows of its last statement. */
async function plain() {
  const connection = await (await DuckDBInstance.create(database, { access_mode: 'READ_ONLY' })).connect();
  const statements = readFileSync(`bench/plain/${name}.sql`, 'utf8').split(/;\n/);
  return async () => {
    let last;
    for (const sql of statements) last = await connection.runAndReadAll(sql);
    return last.getRowObjectsJson();
  };
}

const run = await { report, plain }[kind]();
const times = [];
let rows = [];
const spent = () => times.reduce((sum, ms) => sum + ms, 0);
while ((times.length < 3 && spent() < 20_000) || (times.length < 15 && spent() < 3000)) {
  const started = performance.now();
  rows = await run();
  times.push(performance.now() - started);
}
process.stdout.write(JSON.stringify({ ms: median(times), rows: rows.map(Object.values) }), () => process.exit(0));
