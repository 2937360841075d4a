import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countPrunable, lastEventTime, pruneEvents } from '../../src/warehouse/prune.ts';
import { engineDatabase } from '../support/engine-database.ts';
import { minCount, runs } from '../support/runs.ts';

const { duckdb, content, rows, empty } = await engineDatabase();

interface Event {
  station: string;
  type: string;
  /** Hours since 2025-01-01. */
  hour: number;
  connector: string | null;
  status: string | null;
  firmware: string | null;
}

const event: fc.Arbitrary<Event> = fc.record({
  station: fc.constantFrom('A', "B'"),
  type: fc.constantFrom('heartbeat', 'heartbeat', 'heartbeat', 'Heartbeat', 'status', 'METER', 'meter', 'boot'),
  hour: fc.integer({ min: 0, max: 96 }),
  connector: fc.constantFrom(null, null, '1'),
  status: fc.constantFrom(null, null, null, 'Available', 'Faulted'),
  firmware: fc.constantFrom(null, null, null, '1.0'),
});
/** No two events of a place and type have one time, so that the last one is known. */
const table = fc.uniqueArray(event, {
  minLength: 25,
  maxLength: 60,
  selector: ({ station, type, hour, connector }) => `${station} ${type.toLowerCase()} ${hour} ${connector}`,
});

const timeOf = (hour: number): string =>
  new Date(Date.UTC(2025, 0, 1, hour)).toISOString().slice(0, 19).replace('T', ' ');
const microsOf = (hour: number): bigint => BigInt(Date.UTC(2025, 0, 1, hour)) * 1000n;
const toText = ({ station, type, hour, connector, status, firmware }: Event): (string | null)[] => [
  station,
  type,
  timeOf(hour),
  connector,
  status,
  firmware,
];
const header = 'station_id,event_type,event_time,connector_id,status,firmware_version';
const sorted = (list: readonly (readonly (string | null)[])[]): string[] => list.map((row) => row.join('|')).toSorted();

/** The events that a prune keeps, found one by one. */
function kept(events: readonly Event[], type: string, before: number): Event[] {
  const isOld = (each: Event): boolean => each.type.toLowerCase() === type && each.hour < before;
  const isLast = (each: Event, counts: (other: Event) => boolean): boolean =>
    counts(each) &&
    !events.some(
      (other) =>
        isOld(other) &&
        counts(other) &&
        other.station === each.station &&
        other.connector === each.connector &&
        other.hour > each.hour,
    );
  const isState = (each: Event): boolean =>
    isLast(each, () => true) ||
    isLast(each, ({ status }) => status !== null) ||
    isLast(each, ({ firmware }) => firmware !== null);
  return events.filter((each) => !isOld(each) || (type !== 'meter' && isState(each)));
}

test('prune deletes the old events of a type, but the last state of each connector, and counts them', async () => {
  let deleted = 0;
  await fc.assert(
    fc.asyncProperty(
      table,
      fc.array(
        fc.record({
          type: fc.constantFrom('heartbeat', 'heartbeat', 'meter', 'status', 'boot'),
          days: fc.integer({ min: 1, max: 3 }),
          asOf: fc.integer({ min: 24, max: 144 }),
        }),
        { minLength: 1, maxLength: 3 },
      ),
      async (events, prunes) => {
        await empty('charge_point_events');
        await duckdb.run('delete from db.main.prunes');
        const lines = events.map((each) =>
          toText(each)
            .map((value) => (value === null ? '' : `"${value}"`))
            .join(','),
        );
        await content('events.csv', [header, ...lines, ''].join('\n'), { force: true });
        let left: Event[] = events;
        for (const { type, days, asOf } of prunes) {
          const next = kept(left, type, asOf - 24 * days);
          const expected = {
            type,
            before: timeOf(asOf - 24 * days),
            deleted: left.length - next.length,
            kept: next.filter((each) => each.type.toLowerCase() === type && each.hour < asOf - 24 * days).length,
          };
          expect(await countPrunable(duckdb, [{ type, days }], microsOf(asOf))).toEqual([expected]);
          expect(await pruneEvents(duckdb, [{ type, days }], microsOf(asOf))).toEqual([expected]);
          left = next;
          const stored = await rows(`select ${header} from charge_point_events`);
          await duckdb.run('drop view charge_point_events');
          expect(sorted(stored)).toEqual(sorted(left.map(toText)));
        }
        const { total } = await duckdb.row('select coalesce(sum(rows_deleted), 0)::integer as total from prunes');
        expect(Number(total) + left.length).toBe(events.length);
        deleted += Number(total);
      },
    ),
    { numRuns: runs(30), seed: 20261127 },
  );
  expect(deleted).toBeGreaterThan(minCount(100));
});

test('the last event up to a time is found in rows and in days', async () => {
  await fc.assert(
    fc.asyncProperty(table, fc.integer({ min: 0, max: 100 }), async (events, now) => {
      await empty('charge_point_events');
      const lines = events.map((each) =>
        toText(each)
          .map((value) => (value === null ? '' : `"${value}"`))
          .join(','),
      );
      await content('events.csv', [header, ...lines, ''].join('\n'), { force: true });
      const hours = events.map(({ hour }) => hour).filter((hour) => hour <= now);
      expect(await lastEventTime(duckdb, microsOf(now))).toBe(
        hours.length === 0 ? undefined : microsOf(Math.max(...hours)),
      );
    }),
    { numRuns: runs(20), seed: 20261128 },
  );
});
