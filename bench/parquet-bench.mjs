// Compares reports on a Parquet folder with the same reports on the database, and shows what they read: npm run bench:parquet [-- sessions]
import { DuckDBInstance } from '@duckdb/node-api';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildEntry } from './entry.mjs';
import { line, n } from './measure.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

const month = { from: '2020-03-01', to: '2020-03-31' };
const onePoint = { charge_point_id: 'cp_7', as_of: '2020-03-31' };
const reports = [
  ['revenue_summary', month],
  ['revenue_summary', {}],
  ['station_analytics', month],
  ['station_analytics', {}],
  ['energy_trends', { ...month, granularity: 'day' }],
  ['energy_trends', {}],
  ['energy_trends', { ...month, by: 'end' }],
  ['get_sessions', { start_date: month.from, end_date: month.to }],
  ['uptime_report', { ...month, as_of: '2020-03-31' }],
  ['heartbeat_status', onePoint],
];

if (process.argv[2] === 'query') await query(...process.argv.slice(3));
else await bench(Number(process.argv[2] ?? 10_000_000));

/** Bytes this process has read from files; NaN where the system does not count them. */
function bytesRead() {
  try {
    return Number(/rchar: (\d+)/.exec(readFileSync('/proc/self/io', 'utf8'))?.[1]);
  } catch {
    return NaN;
  }
}

/** Runs a report in a new process: time of the first run and of the fastest, and bytes read by the first. */
async function query(database, name, parameters) {
  const { Catalog, DuckDb, openForReading, runReport } = await import('../dist/bench-entry.js');
  const duckdb = await DuckDb.open();
  const catalog = await Catalog.open(duckdb);
  const report = await catalog.report(name);
  const context = { now: new Date(), label: (each) => each, defaultTimeZone: 'UTC' };
  const [before, opening] = [bytesRead(), performance.now()];
  await openForReading(duckdb, database, catalog, { tables: report.tables });
  const opened = performance.now() - opening;
  const times = [];
  let rows = 0;
  let bytes = 0;
  while (times.length < 3 || (times.length < 7 && times.reduce((sum, ms) => sum + ms, 0) < 2000)) {
    const started = performance.now();
    ({ rows } = await runReport(duckdb, report, JSON.parse(parameters), context));
    times.push(performance.now() - started);
    if (times.length === 1) bytes = bytesRead() - before;
  }
  const text = JSON.stringify(rows, (_, value) => (typeof value === 'number' ? Number(value.toPrecision(10)) : value));
  const result = { opened, first: times[0], ms: Math.min(...times), bytes, rows: text };
  process.stdout.write(JSON.stringify(result), () => process.exit(0));
}

function run(database, name, parameters) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [fileURLToPath(import.meta.url), 'query', database, name, JSON.stringify(parameters)],
    { encoding: 'utf8', maxBuffer: 2 ** 30 },
  );
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

/** A database with sessions of 2,000 charge points and heartbeats of 100 of them, from 2015 to 2024. */
async function build(path, sessions) {
  const { Catalog, DuckDb, openForWriting, ensureColumns } = await import('../dist/bench-entry.js');
  const duckdb = await DuckDb.open();
  const catalog = await Catalog.open(duckdb);
  await openForWriting(duckdb, path, catalog);
  const step = (3653 * 86_400) / sessions;
  const columns = {
    session_id: `'ses_' || lpad(i::varchar, 9, '0')`,
    transaction_id: `'tx_' || i`,
    station_id: `'cp_' || (hash(i) % 2000)`,
    connector_id: `(1 + hash(i, 1) % 2)::varchar`,
    site_id: `'site_' || (hash(i) % 2000 % 100)`,
    user_id: `'user_' || (hash(i, 2) % 50000)`,
    rfid: `'rfid_' || (hash(i, 2) % 50000)`,
    start_time: `timestamp '2015-01-01' + to_seconds((i * ${step})::bigint)`,
    end_time: `timestamp '2015-01-01' + to_seconds((i * ${step})::bigint + 600 + (hash(i, 3) % 20000)::bigint)`,
    energy_kwh: `((hash(i, 4) % 60000) / 1000)::decimal(18, 6)`,
    amount_paid: `((hash(i, 4) % 30000) / 1000)::decimal(18, 6)`,
    currency: `'EUR'`,
    tariff_id: `'tariff_' || (hash(i, 5) % 4)`,
    status: `case when hash(i, 6) % 20 = 0 then 'failed' else 'completed' end`,
    stop_reason: `'Reason ' || (hash(i, 7) % 8)`,
    timestamp: `timestamp '2015-01-01' + to_seconds((i * ${step})::bigint + 30000)`,
  };
  await ensureColumns(duckdb, 'charging_sessions', Object.keys(columns));
  await duckdb.run(
    `insert into db.main.charging_sessions (${Object.keys(columns).join(', ')})
     select ${Object.values(columns).join(', ')} from range(${sessions}) t(i)`,
  );
  await ensureColumns(duckdb, 'charge_point_events', []);
  await duckdb.run(
    `insert into db.main.heartbeat_days
     select 'cp_' || point, 'heartbeat', (date '2015-01-01' + day::int), (date '2015-01-01' + day::int)::timestamp,
       (date '2015-01-01' + day::int)::timestamp + interval 86100 second, 288, 302000, 1000, 300, list_transform(range(288), lambda x: (hash(point, day, x) % 5)::int)
     from range(3653) d(day), range(100) p(point)`,
  );
  await duckdb.close();
  await change(path, 'checkpoint');
}

/** Runs statements on a database, and releases it. */
async function change(path, ...statements) {
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  for (const sql of statements) await connection.run(sql);
  connection.closeSync();
  instance.closeSync();
}

async function bench(sessions) {
  await buildEntry(
    'catalog/catalog',
    'warehouse/database',
    'warehouse/duckdb',
    'warehouse/tables',
    'reports/run-report',
  );
  const work = mkdtempSync(join(tmpdir(), 'wattduck-bench-'));
  const [database, folder] = [join(work, 'network.duckdb'), join(work, 'parquet')];
  try {
    await build(database, sessions);
    console.log(
      `${n(sessions)} sessions and 365,300 days of heartbeats in ten years, ${(statSync(database).size / 1e6).toFixed(0)} MB`,
    );
    const exportTo = (what) => {
      const started = performance.now();
      const { status, stderr } = spawnSync(
        process.execPath,
        ['bin/wattduck.js', 'export', '--parquet', folder, '--db', database],
        { encoding: 'utf8' },
      );
      if (status !== 0) throw new Error(stderr);
      console.log(
        `${what.padEnd(34)} ${((performance.now() - started) / 1000).toFixed(1).padStart(6)} s   ${stderr.trim().split('\n').at(-1).replace(`${folder}: `, '')}`,
      );
    };
    exportTo('first export');
    exportTo('export without changes');
    await change(
      database,
      `update charging_sessions set energy_kwh = energy_kwh + 1
       where start_time = (select min(start_time) from charging_sessions where start_time >= '2018-05-01')`,
      'checkpoint',
    );
    exportTo('export after one correction');
    console.log(`\n${'report'.padEnd(56)}  folder  database   ratio   read by the first run (folder, database)`);
    for (const [name, parameters] of reports) {
      const [ours, floor] = [run(folder, name, parameters), run(database, name, parameters)];
      if (ours.rows !== floor.rows) throw new Error(`${name}: other rows`);
      line(`${name} ${Object.values(parameters).join(' ') || '(ten years)'}`, {
        ours: ours.ms,
        floor: floor.ms,
        ratio: ours.ms / floor.ms,
      });
      console.log(
        `${''.padEnd(56)} opened in ${ours.opened.toFixed(0)} ms, first run ${ours.first.toFixed(0)} ms; ${(ours.bytes / 1e6).toFixed(1)} MB, ${(floor.bytes / 1e6).toFixed(1)} MB`,
      );
    }
    await scans(folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Rows that the scan of one month and of all months returns. */
async function scans(folder) {
  const { Catalog, DuckDb, openForReading } = await import('../dist/bench-entry.js');
  const duckdb = await DuckDb.open();
  await openForReading(duckdb, folder, await Catalog.open(duckdb));
  for (const [what, condition] of [
    ['one month', `start_time between timestamp '2020-03-01' and timestamp '2020-03-31 23:59:59'`],
    ['ten years', 'true'],
  ]) {
    const before = bytesRead();
    const [row] = await duckdb.rows(
      `explain analyze select station_id, count(*) from charging_sessions where ${condition} group by station_id`,
    );
    const [, files] = /Files Read: (\d+)/.exec(row.explain_value) ?? [];
    const rows = [...row.explain_value.matchAll(/([\d,]+) rows/g)].at(-1)?.[1];
    console.log(
      `scan of ${what}: ${rows} rows, footers of ${files} files, ${((bytesRead() - before) / 1e6).toFixed(1)} MB`,
    );
  }
  await duckdb.close();
}
