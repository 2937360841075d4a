import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { deleteMatching, parseCondition } from '../../src/server/tinybird/delete-rows.ts';
import { ingestFile } from '../../src/ingest/ingest-file.ts';
import type { IngestResult } from '../../src/ingest/result.ts';
import { prepareToRead } from '../../src/warehouse/database.ts';
import { scratch } from '../support/cli.ts';
import { engineDatabase } from '../support/engine-database.ts';
import { minCount, runs } from '../support/runs.ts';

const { duckdb, catalog, empty } = await engineDatabase();
const folder = scratch();

/** An event as the file has it, and as it is stored. */
interface Event {
  event_id: string | null;
  station_id: string;
  event_type: string;
  event_time: string;
  info: string | null;
  last_updated: string | null;
}

const columns = ['event_id', 'station_id', 'event_type', 'event_time', 'info', 'last_updated'] as const;

// Seconds around midnight, some with milliseconds or microseconds.
const time = fc
  .record({ second: fc.integer({ min: -4, max: 4 }), fraction: fc.constantFrom('', '', '', '.5', '.000001') })
  .map(({ second, fraction }) => {
    const whole = new Date(Date.UTC(2024, 0, 2) + second * 1000).toISOString().slice(0, 19).replace('T', ' ');
    return whole + fraction;
  });
/** The default ID: the values of the event, with its time as DuckDB prints it. */
const defaultId = ({ station_id, event_type, event_time }: Event): string =>
  `${station_id}|${event_type.toLowerCase()}|${event_time}`;
const event: fc.Arbitrary<Event> = fc
  .record({
    station_id: fc.constantFrom('A', 'B|heartbeat|x', "C'"),
    event_type: fc.constantFrom('heartbeat', 'heartbeat', 'heartbeat', 'Heartbeat', 'status'),
    event_time: time,
    info: fc.constantFrom(null, null, null, 'x', 'y'),
    last_updated: fc.option(time, { freq: 2 }),
    id: fc.constantFrom('', '', '', '', 'own', 'other'),
    otherTime: time,
  })
  .map(({ id, otherTime, ...row }) => {
    const event_id = id === 'own' ? `e${otherTime.slice(17)}` : id === 'other' ? `A|heartbeat|${otherTime}` : null;
    return { event_id, ...row };
  });
const file = fc.record({ rows: fc.array(event, { minLength: 1, maxLength: 12 }), hasInfo: fc.boolean() });

const quoted = (value: string | null): string => (value === null ? '' : `"${value}"`);
let made = 0;
function write(rows: readonly Event[], hasInfo: boolean): string {
  const names = columns.filter((name) => hasInfo || name !== 'info');
  const path = join(folder, `f${(made += 1)}.csv`);
  writeFileSync(
    path,
    [names.join(','), ...rows.map((row) => names.map((name) => quoted(row[name])).join(','))].join('\n'),
  );
  return path;
}

/** Applies a file to the table row by row: of versions of an event the newest wins, of equal ones the last. */
function apply(
  table: Map<string, Event>,
  rows: readonly Event[],
  hasInfo: boolean,
): { added: number; updated: number } {
  const winners = new Map<string, Event>();
  for (const row of rows) {
    const stored = {
      ...row,
      event_id: row.event_id ?? defaultId({ ...row }),
      last_updated: row.last_updated ?? row.event_time,
    };
    // The default ID of a row with an info is that of a row without.
    const current = winners.get(stored.event_id);
    if (!current || at(stored) >= at(current)) winners.set(stored.event_id, stored);
  }
  let [added, updated] = [0, 0];
  for (const [id, row] of winners) {
    const existing = table.get(id);
    const next = hasInfo || !existing ? (hasInfo ? row : { ...row, info: null }) : { ...row, info: existing.info };
    if (!existing) added += 1;
    else if (at(row) < at(existing) || JSON.stringify(next) === JSON.stringify(existing)) continue;
    else updated += 1;
    table.set(id, next);
  }
  return { added, updated };
}
/** Versions as comparable text. */
const at = ({ last_updated: version }: Event): string => version!.padEnd(26, '0').replace(/^(.{19})0/, '$1.');

async function stored(): Promise<Event[]> {
  await prepareToRead(duckdb, catalog);
  const rows = await duckdb.rows(
    `select event_id, station_id, event_type, event_time::varchar as event_time, info, last_updated::varchar as last_updated
     from charge_point_events order by event_id`,
  );
  await duckdb.run('drop view charge_point_events');
  return rows as unknown as Event[];
}

const sorted = (table: Map<string, Event>): Event[] => {
  const byId = (a: Event, b: Event): number => (a.event_id! < b.event_id! ? -1 : 1);
  return [...table.values()].toSorted(byId);
};

test('heartbeats stored in days are the events that were imported, whatever the files, and every row is counted', async () => {
  let inDays = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(file, { minLength: 1, maxLength: 4 }), async (files) => {
      await empty('charge_point_events');
      const table = new Map<string, Event>();
      for (const { rows, hasInfo } of files) {
        const [result] = (await ingestFile(duckdb, catalog, 'x', write(rows, hasInfo), {
          source: 'charge_point_events',
          force: true,
          stdin: process.stdin,
          defaultTimeZone: 'UTC',
        })) as [IngestResult];
        const { read, added, updated, unchanged, superseded, quarantined } = result;
        expect([read, quarantined]).toEqual([rows.length, 0]);
        expect({ added, updated }).toEqual(apply(table, rows, hasInfo));
        expect(added + updated + unchanged + superseded).toBe(rows.length);
        expect(await stored()).toEqual(sorted(table));
      }
      const { n } = await duckdb.row(
        'select coalesce(sum(heartbeat_count), 0)::integer as n from db.main.heartbeat_days',
      );
      inDays += Number(n);
    }),
    { numRuns: runs(80), seed: 20260111 },
  );
  expect(inDays).toBeGreaterThan(minCount(50));
});

test('a condition deletes heartbeats in days as it does rows', async () => {
  const conditions: [string, (each: Event) => boolean][] = [
    ["event_type = 'heartbeat'", ({ event_type }) => event_type === 'heartbeat'],
    ["event_time >= '2024-01-02'", ({ event_time }) => event_time >= '2024-01-02'],
    ["station_id = 'A' and info is null", ({ station_id, info }) => station_id === 'A' && info === null],
    ["event_id like '%00'", ({ event_id }) => event_id!.endsWith('00')],
    ['last_updated > event_time', (each) => at(each) > at({ ...each, last_updated: each.event_time })],
    ['info is not null', ({ info }) => info !== null],
  ];
  await fc.assert(
    fc.asyncProperty(file, fc.constantFrom(...conditions), async ({ rows }, [sql, matches]) => {
      await empty('charge_point_events');
      const table = new Map<string, Event>();
      await ingestFile(duckdb, catalog, 'x', write(rows, true), {
        source: 'charge_point_events',
        stdin: process.stdin,
        defaultTimeZone: 'UTC',
      });
      apply(table, rows, true);
      const condition = await parseCondition(duckdb, await catalog.source('charge_point_events'), sql);
      const kept = sorted(table).filter((each) => !matches(each));
      expect(await deleteMatching(duckdb, catalog, condition, false)).toBe(table.size - kept.length);
      expect(await stored()).toEqual(kept);
    }),
    { numRuns: runs(40), seed: 20260112 },
  );
});
