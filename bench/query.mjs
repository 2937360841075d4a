// One query in a process of its own, its median time and its rows as JSON: node bench/query.mjs report|plain NAME DATABASE PARAMETERS
import { DuckDBInstance } from '@duckdb/node-api';
import { readFileSync } from 'node:fs';
import { median } from './measure.mjs';

const [kind, name, database, parameters] = process.argv.slice(2);

/** A report as the command line and the server run it: bound, checked, sorted, cut, counted. */
async function report() {
  const { Catalog, DuckDb, openForReading, runReport } = await import('../dist/bench-entry.js');
  const engine = await DuckDb.open();
  const catalog = await Catalog.open(engine);
  const asked = await catalog.report(name);
  await openForReading(engine, database, catalog, { tables: asked.tables });
  return async () =>
    (await runReport(engine, asked, JSON.parse(parameters), { now: new Date(), label: (each) => each })).rows;
}

/** Plain SQL by hand, on the tables as they are: the rows are those of its last statement. */
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
while (times.length < 3 || (times.length < 15 && times.reduce((sum, ms) => sum + ms, 0) < 3000)) {
  const started = performance.now();
  rows = await run();
  times.push(performance.now() - started);
}
process.stdout.write(JSON.stringify({ ms: median(times), rows: rows.map(Object.values) }), () => process.exit(0));
