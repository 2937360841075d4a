import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { runReport } from '../../src/reports/run-report.ts';
import type { Row } from '../../src/warehouse/values.ts';
import { createColumnViews, tablesInFile } from '../../src/warehouse/tables.ts';
import { engineDatabase } from '../support/engine-database.ts';
import { runs } from '../support/runs.ts';

const { duckdb, catalog, lines, write, file, empty } = await engineDatabase();
const report = await catalog.report('issues');
const oneIssue = await catalog.report('issue');

/** All issues, with as little text as identifies them. */
async function issues(asOf?: string): Promise<Row[]> {
  await createColumnViews(duckdb, await tablesInFile(duckdb));
  const params = { since: '1970-01-01', ...(asOf === undefined ? {} : { as_of: asOf }) };
  return (await runReport(duckdb, report, params, { now: new Date(Date.now() + 1000), label: (name) => name })).rows;
}
const states = async (asOf?: string): Promise<unknown[]> =>
  (await issues(asOf)).map(({ session_id, found_by, status, note }) => [session_id, found_by, status, note]);

/** The issue with an ID, however old. */
async function issueWith(id: Row[string] | undefined): Promise<Row | undefined> {
  await createColumnViews(duckdb, await tablesInFile(duckdb));
  const params = { issue_id: String(id) };
  return (await runReport(duckdb, oneIssue, params, { now: new Date(Date.now() + 1000), label: (name) => name }))
    .rows[0];
}

const header = 'session_id,station_id,start_time,end_time,energy_kwh,meter_start,meter_stop,timestamp';
const sessionLine = (kwh: number, version: number): string =>
  `s1,cp1,2025-01-01 10:00:00,2025-01-01 11:00:00,${kwh},0,10000,2025-01-01 ${10 + version}:30:00`;

beforeEach(async () => {
  for (const source of ['charging_sessions', 'tariffs', 'charge_point_events', 'charge_points', 'firmware_releases'])
    await empty(source);
  await duckdb.run('delete from db.main.resolved_issues');
});

test('a corrected session resolves its issue when the correction is imported', async () => {
  await lines(header, sessionLine(50, 1));
  const [found] = await issues();
  expect(await states()).toEqual([['s1', 'meter_contradiction', 'open', null]]);
  await lines(header, sessionLine(10, 2));
  expect(await states()).toEqual([['s1', 'meter_contradiction', 'resolved', 'Resolved by a correction']]);
  const [resolved] = await issues();
  const { ingested_at: importedAt } = await duckdb.row(
    "select date_trunc('second', max(ingested_at)) as ingested_at from db.main.ingests",
  );
  expect([resolved?.['issue_id'], resolved?.['resolved_at']]).toEqual([found?.['issue_id'], importedAt]);
  // Sessions are as corrected at any time, so the issue is not listed for a time before the import.
  expect(await states('2025-01-02')).toEqual([]);
});

test('a correction that contradicts too leaves the issue open, and a later contradiction opens it again', async () => {
  await lines(header, sessionLine(50, 1));
  const [found] = await issues();
  await lines(header, sessionLine(40, 2));
  expect(await states()).toEqual([['s1', 'meter_contradiction', 'open', null]]);
  await lines(header, sessionLine(10, 3));
  await lines(header, sessionLine(30, 4));
  const rows = await issues();
  expect(rows.map(({ issue_id, status }) => [issue_id, status])).toEqual([[found?.['issue_id'], 'open']]);
});

test('a corrected tariff resolves the issues of its sessions', async () => {
  await lines('tariff_id,currency,price_per_kwh,last_updated', 't,EUR,0.5,2025-01-01 00:00:00');
  await lines(
    'session_id,station_id,start_time,end_time,energy_kwh,amount_paid,currency,tariff_id,timestamp',
    's1,cp1,2025-01-01 10:00:00,2025-01-01 11:00:00,10,4,EUR,t,2025-01-01 11:00:00',
    's2,cp1,2025-01-01 12:00:00,2025-01-01 13:00:00,10,7,EUR,t,2025-01-01 13:00:00',
  );
  expect((await states()).map((each) => (each as unknown[])[2])).toEqual(['open', 'open']);
  await lines('tariff_id,currency,price_per_kwh,last_updated', 't,EUR,0.4,2025-01-02 00:00:00');
  expect(await states()).toEqual([
    ['s2', 'tariff_contradiction', 'open', null],
    ['s1', 'tariff_contradiction', 'resolved', 'Resolved by a correction'],
  ]);
});

test('a file that replaces all sessions resolves the issues it removes', async () => {
  await lines(header, sessionLine(50, 1));
  await file(write('again.csv', `${header}\n${sessionLine(10, 1)}\n`), { replaced: new Set() });
  expect(await states()).toEqual([['s1', 'meter_contradiction', 'resolved', 'Resolved by a correction']]);
});

test('after any corrections, an issue is open if the session contradicts, and resolved if it did before', async () => {
  // The meter counted 10 kWh.
  const energies = fc.array(fc.constantFrom(10, 10, 50, 12, 9), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(energies, async (values) => {
      for (const table of ['charging_sessions', 'resolved_issues']) await duckdb.run(`delete from db.main.${table}`);
      for (const [at, kwh] of values.entries()) await lines(header, sessionLine(kwh, at));
      const expected = values.at(-1) !== 10 ? ['open'] : values.some((kwh) => kwh !== 10) ? ['resolved'] : [];
      expect((await issues()).map(({ status }) => status)).toEqual(expected);
    }),
    { numRuns: runs(30), seed: 20260301 },
  );
});

const eventHeader = 'event_id,station_id,event_type,event_time,connector_id,status,last_updated';
/** An event at a minute of the day, in its version-th version. */
const eventLine = (id: string, type: string, minute: number, status = '', version = 1): string => {
  const time = (minutes: number): string => new Date(Date.UTC(2025, 0, 1, 0, minutes)).toISOString().slice(0, 19);
  return `${id},cp1,${type},${time(minute)},${status === '' ? '' : 1},${status},${time(minute + 10_000 * version)}`;
};

test('a corrected event resolves the issue it removes, and the issue is still found', async () => {
  await lines(eventHeader, eventLine('e1', 'status', 600, 'Faulted'), eventLine('e2', 'disconnect', 620));
  const found = await issues();
  expect(found.map(({ found_by, status }) => [found_by, status])).toEqual([
    ['offline', 'open'],
    ['faulted', 'open'],
  ]);
  const acknowledged = `insert into db.main.issue_acknowledgements (issue_id, acknowledged_at, note) values ('${String(found[1]!['issue_id'])}', timestamp '2025-01-02', 'Seen')`;
  await duckdb.run(acknowledged);
  await lines(
    eventHeader,
    eventLine('e1', 'status', 600, 'Available', 2),
    eventLine('e2', 'status', 620, 'Available', 2),
  );
  const { ingested_at: importedAt } = await duckdb.row(
    "select date_trunc('second', max(ingested_at)) as ingested_at from db.main.ingests",
  );
  for (const [at, note] of ['Resolved by a correction', 'Seen'].entries())
    expect(await issueWith(found[at]!['issue_id']), note).toMatchObject({
      status: 'resolved',
      resolved_at: importedAt,
      note,
      created_at: found[at]!['created_at'],
      description: found[at]!['description'],
    });
  await duckdb.run('delete from db.main.issue_acknowledgements');
});

test('an issue that had ended before its correction keeps its end', async () => {
  await lines(eventHeader, eventLine('e1', 'status', 600, 'Faulted'), eventLine('e2', 'status', 660, 'Available'));
  const [found] = await issues();
  expect(found).toMatchObject({ status: 'resolved', note: null });
  await lines(eventHeader, eventLine('e1', 'status', 600, 'Charging', 2));
  expect(await issueWith(found?.['issue_id'])).toEqual({ ...found, note: 'Resolved by a correction' });
});

test('a file that replaces all events resolves the issues it removes', async () => {
  await lines(eventHeader, eventLine('e1', 'status', 600, 'Faulted'));
  const again = `${eventHeader}\n${eventLine('e3', 'status', 600, 'Available')}\n`;
  await file(write('events-again.csv', again), { replaced: new Set() });
  expect((await issues()).map(({ found_by, status }) => [found_by, status])).toEqual([['faulted', 'resolved']]);
});

test('a corrected session resolves the issue of failed sessions in a row', async () => {
  const failed = (id: number, kwh: number, version: number): string =>
    `f${id},cp1,2025-01-01 1${id}:00:00,2025-01-01 1${id}:30:00,${kwh},,,2025-01-02 0${version}:00:00`;
  await lines(header, failed(0, 0, 1), failed(1, 0, 1), failed(2, 0, 1));
  expect((await issues()).map(({ found_by, status }) => [found_by, status])).toEqual([['repeated_failures', 'open']]);
  await lines(header, failed(1, 5, 2));
  expect((await issues()).map(({ found_by, status }) => [found_by, status])).toEqual([
    ['repeated_failures', 'resolved'],
  ]);
});

test('corrected firmware of a charge point or release resolves the issue of outdated firmware', async () => {
  const release = (version: string, approved: boolean, at: number): string =>
    `M,${version},2024-0${version[0]!}-01,${approved},2025-01-0${at}`;
  const releases = 'model,firmware_version,released_at,approved,last_updated';
  const points = 'station_id,vendor,model,firmware_version,last_updated';
  const rules = async (): Promise<unknown[]> => (await issues()).map(({ found_by, status }) => [found_by, status]);
  await lines(releases, release('1.0', true, 1), release('2.0', true, 1));
  await lines(points, 'cp1,V,M,1.0,2025-01-01');
  expect(await rules()).toEqual([['firmware_behind', 'open']]);
  await lines(points, 'cp1,V,M,2.0,2025-01-02');
  expect(await rules()).toEqual([['firmware_behind', 'resolved']]);
  await lines(points, 'cp1,V,M,1.0,2025-01-03');
  expect(await rules()).toEqual([['firmware_behind', 'open']]);
  await lines(releases, release('2.0', false, 2));
  expect(await rules()).toEqual([['firmware_behind', 'resolved']]);
});

test('no correction of events makes an issue disappear', async () => {
  const kinds = fc.constantFrom<[string, string]>(
    ['status', 'Faulted'],
    ['status', 'Faulted'],
    ['status', 'Available'],
    ['disconnect', ''],
    ['connect', ''],
    ['heartbeat', ''],
  );
  const history = fc.array(fc.tuple(kinds, fc.integer({ min: 0, max: 600 })), { minLength: 4, maxLength: 8 });
  const changes = fc.array(fc.tuple(fc.nat(7), kinds, fc.integer({ min: 0, max: 600 })), {
    minLength: 1,
    maxLength: 4,
  });
  await fc.assert(
    fc.asyncProperty(history, changes, async (events, corrections) => {
      await empty('charge_point_events');
      await duckdb.run('delete from db.main.resolved_issues');
      await lines(
        eventHeader,
        ...events.map(([[type, status], minute], at) => eventLine(`e${at}`, type, minute, status)),
      );
      const seen = new Map<unknown, Row>();
      for (const [at, [which, [type, status], minute]] of corrections.entries()) {
        for (const issue of await issues()) seen.set(issue['issue_id'], issue);
        await lines(eventHeader, eventLine(`e${which % events.length}`, type, minute, status, at + 2));
      }
      const last = new Map<unknown, Row>((await issues()).map((issue) => [issue['issue_id'], issue]));
      for (const [id, issue] of seen)
        expect(last.get(id), String(issue['description'])).toMatchObject({
          found_by: issue['found_by'],
          created_at: issue['created_at'],
        });
    }),
    { numRuns: runs(30), seed: 20260302, interruptAfterTimeLimit: 20_000 },
  );
});
