// Compares reports over heartbeats stored in days with the same reports over rows: npm run bench:events [-- charge points [days]]
import { DuckDBInstance } from '@duckdb/node-api';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildEntry, entry } from './entry.mjs';
import { line, median, n, peak } from './measure.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const [points, days] = [Number(process.argv[2] ?? 1000), Number(process.argv[3] ?? 365)];
const folder = mkdtempSync(join(tmpdir(), 'wattduck-bench-'));
const at = (name) => join(folder, name);
const asOf = new Date(Date.UTC(2025, 0, 1) + days * 86_400_000 - 1000).toISOString().slice(0, 19).replace('T', ' ');
const onePoint = { charge_point_id: 'cp_7', as_of: asOf };
const reports = {
  uptime_report: { definition: 'nevi', from: '2025-01-01', to: asOf, as_of: asOf, limit: '10000' },
  health_score: { as_of: asOf },
  issues: { as_of: asOf, limit: '1000' },
  connection_health: onePoint,
  status_overview: { project_id: 'site_3', as_of: asOf },
  network_status: { as_of: asOf },
  live_status: onePoint,
  heartbeat_status: onePoint,
  data_extent: {},
};

/** Heartbeats of some days: every 5 minutes and up to 4 seconds later; one in 2,000 begins an outage of up to an hour. */
const heartbeats = (from, to) => `
  select 'cp_' || point as station_id, 'heartbeat' as event_type,
         timestamp '2025-01-01' + to_seconds(beat * 300 + (hash(point, beat) % 5)::int) as event_time
  from range(${points}) a(point), range(${from * 288}, ${to * 288}) b(beat)
  where hash(point, beat // 12, 1) % 2000 > 0 or hash(point, beat, 2) % 3 = 0`;

const sessions = `
  select 'cp_' || point as station_id, 1 + i % 2 as connector_id,
         timestamp '2025-01-01' + to_seconds(i * 34560 + (hash(point, i) % 20000)::int) as started, (1200 + hash(point, i, 1) % 10000)::int as seconds,
         hash(point, i, 2) % 50 as dice
  from range(${points}) a(point), range(${Math.ceil(days * 2.5)}) b(i)`;

/** Five statuses a session, and disconnects with their end. */
const otherEvents = `
  select station_id, 'status' as event_type, started + to_seconds(seconds * share // 4) as event_time, connector_id::varchar as connector_id,
         case when dice = 0 and status = 'Finishing' then 'Faulted' else status end as status
  from (${sessions}), (values (0, 'Preparing'), (1, 'Charging'), (2, 'SuspendedEV'), (3, 'Finishing'), (4, 'Available')) v(share, status)
  union all
  select 'cp_' || point, case when half = 0 then 'disconnect' else 'connect' end,
         timestamp '2025-01-01' + to_seconds(i * 864000 + (hash(point, i, 4) % 800000)::int + half * (hash(point, i, 5) % 3600)::int), null, null
  from range(${points}) a(point), range(${Math.ceil(days / 10)}) b(i), range(2) c(half)`;

const withIds = (events) => `
  select concat_ws('|', station_id, lower(event_type), event_time, connector_id, status) as event_id, station_id, event_type, event_time, connector_id, status,
         event_time as last_updated
  from (${events})`;

/** As imports store events without IDs of their own. */
const withoutIds = (events) => `
  select null as event_id, station_id, event_type, event_time, connector_id, status, null as last_updated from (${events})`;

/** A database of a network whose heartbeats are rows or in days. */
async function build(kind) {
  const path = at(`${kind}.duckdb`);
  const network = await (await DuckDBInstance.create(':memory:')).connect();
  await network.run(
    `copy (select 'site_' || i as site_id, 'Site ' || i as site_name, 'UTC' as timezone from range(12) t(i)) to '${at('sites.csv')}'`,
  );
  await network.run(
    `copy (select 'cp_' || i as station_id, 'Charge point ' || i as charge_point_name, 'Maker' as vendor, 'Model' as model, 'site_' || (i % 12) as site_id, 300 as heartbeat_interval_seconds from range(${points}) t(i)) to '${at('charge-points.csv')}'`,
  );
  await network.run(
    `copy (select 'cp_' || i as station_id, c as connector_id, 'Type 2' as connector_type, 22 as power_kw from range(${points}) t(i), range(1, 3) u(c)) to '${at('connectors.csv')}'`,
  );
  await network.run(
    `copy (select station_id || '/' || started as session_id, station_id, connector_id, started as start_time, started + to_seconds(seconds) as end_time,
             dice / 2 + 1 as energy_kwh, 'completed' as status from (${sessions})) to '${at('sessions.csv')}'`,
  );
  const files = ['sites', 'charge-points', 'connectors', 'sessions'].map((name) => at(`${name}.csv`));
  const { status, stderr } = spawnSync(process.execPath, ['bin/wattduck.js', 'ingest', ...files, '--db', path], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  const { addHeartbeats, Catalog, DuckDb, openForWriting } = await import('../dist/bench-entry.js');
  const duckdb = await DuckDb.open();
  await openForWriting(duckdb, path, await Catalog.open(duckdb));
  await duckdb.run(
    `create table db.charge_point_events (event_id varchar, station_id varchar not null, event_type varchar not null, event_time timestamp not null,
       connector_id varchar, status varchar, last_updated timestamp)`,
  );
  await duckdb.run(
    `insert into db.charge_point_events ${(kind === 'rows' ? withIds : withoutIds)(otherEvents)} order by event_time`,
  );
  // A month at a time, as exports come.
  for (let day = 0; day < days; day += 30) {
    const month = heartbeats(day, Math.min(days, day + 30));
    if (kind === 'rows')
      await duckdb.run(
        `insert into db.charge_point_events ${withIds(`select *, null as connector_id, null as status from (${month})`)} order by event_time`,
      );
    else {
      await duckdb.run(`create or replace temp table new_heartbeats as ${month}`);
      await addHeartbeats(duckdb);
    }
  }
  const { events } = await duckdb.row(
    'select (select count(*) from db.charge_point_events) + (select coalesce(sum(heartbeat_count), 0) from db.heartbeat_days) as events',
  );
  await duckdb.run('checkpoint db');
  await duckdb.close();
  return { path, events: Number(events), bytes: statSync(path).size };
}

function run(name, path) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['bench/query.mjs', 'report', name, path, JSON.stringify(reports[name])],
    {
      encoding: 'utf8',
      maxBuffer: 2 ** 30,
    },
  );
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

/** Rows per second of an import of heartbeats; again for the same rows in another file. */
async function measureImport() {
  const db = at('import.duckdb');
  const writer = await (await DuckDBInstance.create(':memory:')).connect();
  const month = heartbeats(0, Math.min(days, 30));
  for (const [name, order] of [
    ['first.csv', 'event_time'],
    ['again.csv', 'event_time desc'],
  ])
    await writer.run(`copy (select * from (${month}) order by ${order}) to '${at(name)}'`);
  const count = Number((await writer.runAndReadAll(`select count(*) from (${month})`)).getRows()[0][0]);
  for (const name of ['first.csv', 'again.csv']) {
    const started = performance.now();
    const most = await peak(['bin/wattduck.js', 'ingest', at(name), '--db', db]);
    const seconds = (performance.now() - started) / 1000;
    console.log(
      `import of ${n(count)} heartbeats, ${name}: ${seconds.toFixed(1)} s, ${n(Math.round(count / seconds))} rows/s, at most ${n(most)} MB`,
    );
  }
}

try {
  await buildEntry(
    'catalog/catalog',
    'warehouse/duckdb',
    'warehouse/database',
    'warehouse/heartbeats',
    'reports/run-report',
  );
  const [inDays, inRows] = [await build('days'), await build('rows')];
  if (inDays.events !== inRows.events) throw new Error(`${inDays.events} events in days, ${inRows.events} rows`);
  console.log(
    `${n(inRows.events)} events: ${n(Math.round(inDays.bytes / 1e6))} MB with heartbeats in days, ${n(Math.round(inRows.bytes / 1e6))} MB in rows, 1/${(inRows.bytes / inDays.bytes).toFixed(1)}\n`,
  );
  await measureImport();
  console.log(`\n${''.padEnd(56)} ${'days'.padStart(10)} ${'rows'.padStart(10)}   ratio\n`);
  for (const name of Object.keys(reports)) {
    const overDays = Array.from({ length: 3 }, () => run(name, inDays.path));
    const overRows = run(name, inRows.path);
    if (JSON.stringify(overDays[0].rows) !== JSON.stringify(overRows.rows)) throw new Error(`${name}: answers differ`);
    const ours = median(overDays.map(({ ms }) => ms));
    line(name, { ours, floor: overRows.ms, ratio: ours / overRows.ms });
  }
  for (const name of ['uptime-report', 'health-score', 'issues']) {
    const most = await peak([
      'bin/wattduck.js',
      'report',
      name,
      '--as-of',
      asOf,
      '--db',
      inDays.path,
      '--memory-limit',
      '1GB',
      '--json',
    ]);
    console.log(`${name} with --memory-limit 1GB: at most ${n(most)} MB`);
  }
} finally {
  rmSync(folder, { recursive: true });
  rmSync(entry, { force: true });
}
