import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ingestFile } from '../../src/ingest/ingest-file.ts';
import type { IngestResult } from '../../src/ingest/result.ts';
import { deleteMatching, parseCondition } from '../../src/server/tinybird/delete-rows.ts';
import { prepareToRead } from '../../src/warehouse/database.ts';
import { scratch } from '../support/cli.ts';
import { engineDatabase } from '../support/engine-database.ts';
import { minCount, runs } from '../support/runs.ts';

const { duckdb, catalog, empty } = await engineDatabase();
const folder = scratch();

/** Columns of files; numbers as DuckDB writes them. */
const columns = [
  'event_id',
  'station_id',
  'event_type',
  'event_time',
  'connector_id',
  'transaction_id',
  'energy_kwh',
  'meter_wh',
  'info',
  'last_updated',
] as const;
type Event = Record<(typeof columns)[number], string | null>;

const time = fc.constantFrom('2024-01-02 00:00:00', '2024-01-02 00:00:01', '2024-01-02 00:00:00.5');
const values = fc.record({
  station_id: fc.constantFrom('A', 'A', "B'", 'A|meter'),
  event_type: fc.constantFrom('meter', 'meter', 'Meter', 'status', 'a|b', 'heartbeat'),
  event_time: time,
  // IDs leave out null values, so a connector and a transaction of the same name make one ID.
  connector_id: fc.constantFrom(null, '1', '1|1'),
  transaction_id: fc.constantFrom(null, null, '1', '1.0'),
  energy_kwh: fc.constantFrom(null, null, '1.0', '-0.0', '0.1'),
  meter_wh: fc.constantFrom(null, null, '1.0', '1e+300'),
});
/** The default ID: the values of the event. */
const defaultId = (row: Omit<Event, 'event_id' | 'info' | 'last_updated'>): string =>
  [
    row.station_id,
    row.event_type!.toLowerCase(),
    row.event_time,
    row.connector_id,
    row.transaction_id,
    row.energy_kwh,
    row.meter_wh,
  ]
    .filter((value) => value !== null)
    .join('|');
const event: fc.Arbitrary<Event> = fc
  .record({
    row: values,
    other: values,
    info: fc.constantFrom(null, null, null, 'x'),
    last_updated: fc.option(time, { freq: 2 }),
    id: fc.constantFrom('default', 'default', 'default', 'default', 'own', 'other'),
  })
  .map(({ row, other, info, last_updated, id }) => ({
    ...row,
    event_id: id === 'own' ? `e${row.event_time}` : id === 'other' ? defaultId(other) : null,
    info,
    last_updated,
  }));
const optional = ['event_id', 'connector_id', 'transaction_id', 'energy_kwh', 'info'] as const;
const file = fc.record({
  rows: fc.array(event, { minLength: 1, maxLength: 12 }),
  missing: fc.oneof(fc.constant([]), fc.subarray([...optional], { maxLength: 3 })),
});
interface File {
  rows: Event[];
  missing: readonly (typeof columns)[number][];
}

const quoted = (value: string | null): string => (value === null ? '' : `"${value}"`);
let made = 0;
function write({ rows, missing }: File): string {
  const names = columns.filter((name) => !missing.includes(name));
  const path = join(folder, `f${(made += 1)}.csv`);
  writeFileSync(
    path,
    [names.join(','), ...rows.map((row) => names.map((name) => quoted(row[name])).join(','))].join('\n'),
  );
  return path;
}

const versionOf = ({ last_updated: version }: Event): string => version!.padEnd(26, '0').replace(/^(.{19})0/, '$1.');

/** Applies a file to the table row by row: of versions of an event the newest wins, of equal ones the last. */
function apply(table: Map<string, Event>, { rows, missing }: File): { added: number; updated: number } {
  const winners = new Map<string, Event>();
  for (const row of rows) {
    const present: Event = { ...row, ...Object.fromEntries(missing.map((name) => [name, null])) };
    const stored = {
      ...present,
      event_id: present.event_id ?? defaultId(present),
      last_updated: present.last_updated ?? present.event_time,
    };
    const current = winners.get(stored.event_id);
    if (!current || versionOf(stored) >= versionOf(current)) winners.set(stored.event_id, stored);
  }
  let [added, updated] = [0, 0];
  for (const [id, row] of winners) {
    const existing = table.get(id);
    const kept = existing
      ? Object.fromEntries(missing.filter((name) => name !== 'event_id').map((name) => [name, existing[name]]))
      : {};
    const next: Event = { ...row, ...kept };
    if (!existing) added += 1;
    else if (versionOf(row) < versionOf(existing) || JSON.stringify(next) === JSON.stringify(existing)) continue;
    else updated += 1;
    table.set(id, next);
  }
  return { added, updated };
}

async function stored(): Promise<Event[]> {
  await prepareToRead(duckdb, catalog);
  const rows = await duckdb.rows(
    `select ${columns.map((name) => `${name}::varchar as ${name}`).join(', ')} from charge_point_events order by event_id`,
  );
  await duckdb.run('drop view charge_point_events');
  return rows as unknown as Event[];
}
const sorted = (table: Map<string, Event>): Event[] =>
  [...table.values()]
    .map((row) => Object.fromEntries(columns.map((name) => [name, row[name]])) as Event)
    .toSorted((a, b) => (a.event_id! < b.event_id! ? -1 : 1));
const importFile = async (each: File): Promise<IngestResult> => {
  const [result] = await ingestFile(duckdb, catalog, 'x', write(each), {
    source: 'charge_point_events',
    force: true,
    stdin: process.stdin,
    defaultTimeZone: 'UTC',
  });
  return result as IngestResult;
};

test('events stored without their IDs are the events that were imported, whatever the files, and every row is counted', async () => {
  let withoutId = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(file, { minLength: 1, maxLength: 4 }), async (files) => {
      await empty('charge_point_events');
      const table = new Map<string, Event>();
      for (const each of files) {
        const { read, added, updated, unchanged, superseded, quarantined } = await importFile(each);
        expect([read, quarantined]).toEqual([each.rows.length, 0]);
        expect({ added, updated }).toEqual(apply(table, each));
        expect(added + updated + unchanged + superseded).toBe(each.rows.length);
        expect(await stored()).toEqual(sorted(table));
      }
      const { n } = await duckdb.row('select count(*) - count(event_id) as n from db.main.charge_point_events');
      withoutId += Number(n);
    }),
    { numRuns: runs(25), seed: 20261130 },
  );
  expect(withoutId).toBeGreaterThan(minCount(30));
});

test('a condition on IDs and versions deletes events stored without them', async () => {
  const conditions: [string, (each: Event) => boolean][] = [
    ["event_id like '%|meter|%'", ({ event_id }) => event_id!.includes('|meter|')],
    ["event_id = 'A|meter|2024-01-02 00:00:00'", ({ event_id }) => event_id === 'A|meter|2024-01-02 00:00:00'],
    ["last_updated > timestamp '2024-01-02'", (each) => versionOf(each) > '2024-01-02 00:00:00.000000'],
    ['last_updated = event_time', (each) => versionOf(each) === versionOf({ ...each, last_updated: each.event_time })],
    ['event_id is null or last_updated is null', () => false],
  ];
  await fc.assert(
    fc.asyncProperty(file, fc.constantFrom(...conditions), async (each, [sql, matches]) => {
      await empty('charge_point_events');
      const table = new Map<string, Event>();
      await importFile(each);
      apply(table, each);
      const condition = await parseCondition(duckdb, await catalog.source('charge_point_events'), sql);
      const kept = sorted(table).filter((row) => !matches(row));
      expect(await deleteMatching(duckdb, catalog, condition, false)).toBe(table.size - kept.length);
      expect(await stored()).toEqual(kept);
    }),
    { numRuns: runs(15), seed: 20261131 },
  );
});
