import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openEngine } from '../support/duckdb.ts';
import { runs } from '../support/runs.ts';
import { parameter, values } from '../warehouse/bind-parameters.ts';

const { duckdb } = await openEngine();
const parameters = [
  parameter('from', 'TIMESTAMP', { role: 'period_start' }),
  parameter('to', 'TIMESTAMP', { role: 'period_end' }),
  parameter('as_of', 'TIMESTAMP', { role: 'now' }),
  parameter('since', 'TIMESTAMP'),
  parameter('tz', 'VARCHAR', { role: 'time_zone', default: 'UTC' }),
];
const [minute, day] = [60_000, 86_400_000];

const formatters = new Map<string, Intl.DateTimeFormat>();
/** Local time of an instant in a zone, as if it were UTC, by Intl. */
function localTime(instant: number, zone: string): number {
  const formatter =
    formatters.get(zone) ??
    new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
  formatters.set(zone, formatter);
  const part = Object.fromEntries(formatter.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
  return Date.UTC(part['year']!, part['month']! - 1, part['day'], part['hour'], part['minute'], part['second']);
}

/** All instants that show a local time, in order: every offset of a zone within a day of it is tried. */
function instantsOf(local: number, zone: string): number[] {
  const offsets = [-day, 0, day].map((shift) => localTime(local + shift, zone) - (local + shift));
  return [...new Set(offsets.map((offset) => local - offset))]
    .filter((instant) => localTime(instant, zone) === local)
    .toSorted((a, b) => a - b);
}

/** A skipped time counts with the offset before the clock went forward. */
const skipped = (local: number, zone: string): number => local - (localTime(local - day, zone) - (local - day));
const firstOf = (local: number, zone: string): number => instantsOf(local, zone)[0] ?? skipped(local, zone);
const lastOf = (local: number, zone: string): number => instantsOf(local, zone).at(-1) ?? skipped(local, zone);

/** Start of a local day: the first instant with its date, found minute by minute. */
function startOfDay(local: number, zone: string): number {
  for (let instant = local - 15 * 60 * minute; ; instant += 15 * minute)
    if (localTime(instant, zone) >= local) return instant;
}

const iso = (instant: number, micros = '000'): string => new Date(instant).toISOString().replace('Z', `${micros}Z`);
const text = (local: number, length = 19): string => new Date(local).toISOString().slice(0, length).replace('T', ' ');

/** Zones and a date near a change of their clocks: by an hour, by half an hour, at midnight, and never. */
const changes = fc.constantFrom<[zone: string, day: string]>(
  ['Europe/Berlin', '2024-10-27'],
  ['Europe/Berlin', '2024-03-31'],
  ['America/New_York', '2025-11-02'],
  ['America/New_York', '2025-03-09'],
  ['Australia/Lord_Howe', '2025-04-06'],
  ['Australia/Lord_Howe', '2025-10-05'],
  ['Atlantic/Azores', '2024-10-27'],
  ['Atlantic/Azores', '2024-03-31'],
  ['America/Havana', '2024-11-03'],
  ['America/Sao_Paulo', '2018-02-18'],
  ['America/Sao_Paulo', '2018-11-04'],
  ['Asia/Kathmandu', '2024-10-27'],
  ['Pacific/Chatham', '2025-04-06'],
  ['UTC', '2024-10-27'],
);

test('a bound without an offset covers both passes of a repeated time', { timeout: 20_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(changes, fc.integer({ min: -12 * 60, max: 36 * 60 }), async ([tz, date], minutes) => {
      const local = Date.parse(`${date}T00:00:00Z`) + minutes * minute;
      const given = text(local);
      const both = await values(duckdb, parameters, { from: given, to: given, as_of: given, since: given, tz });
      expect(both).toMatchObject({
        from: iso(firstOf(local, tz)),
        since: iso(firstOf(local, tz)),
        to: iso(lastOf(local, tz)),
        as_of: iso(lastOf(local, tz)),
      });
      // An offset says which pass it is.
      const offset = `${new Date(firstOf(local, tz)).toISOString().slice(0, 19)}Z`;
      expect(await values(duckdb, parameters, { from: offset, to: offset, tz })).toMatchObject({
        from: iso(firstOf(local, tz)),
        to: iso(firstOf(local, tz)),
      });
    }),
    { numRuns: runs(200) },
  );
});

test('a bare date covers its whole local day', { timeout: 20_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(changes, fc.integer({ min: -2, max: 2 }), async ([tz, date], days) => {
      const local = Date.parse(`${date}T00:00:00Z`) + days * day;
      const bounds = await values(duckdb, parameters, { from: text(local, 10), to: text(local, 10), tz });
      expect(bounds).toMatchObject({
        from: iso(startOfDay(local, tz)),
        to: iso(startOfDay(local + day, tz) - 1, '999'),
      });
    }),
    { numRuns: runs(200) },
  );
});

test.each([
  // Clocks in Berlin go back from 03:00 to 02:00, so 02:30 is 00:30Z and 01:30Z.
  ['2024-10-27 02:30', 'Europe/Berlin', '2024-10-27T00:30:00.000000Z', '2024-10-27T01:30:00.000000Z'],
  ['2024-10-27 02:00', 'Europe/Berlin', '2024-10-27T00:00:00.000000Z', '2024-10-27T01:00:00.000000Z'],
  ['2024-10-27T02:59:59', 'Europe/Berlin', '2024-10-27T00:59:59.000000Z', '2024-10-27T01:59:59.000000Z'],
  ['2024-10-27 02:30:00+02:00', 'Europe/Berlin', '2024-10-27T00:30:00.000000Z', '2024-10-27T00:30:00.000000Z'],
  ['2024-10-27 02:30:00+01:00', 'Europe/Berlin', '2024-10-27T01:30:00.000000Z', '2024-10-27T01:30:00.000000Z'],
  // By half an hour, from 02:00 +11 to 01:30 +10:30.
  ['2025-04-06 01:45', 'Australia/Lord_Howe', '2025-04-05T14:45:00.000000Z', '2025-04-05T15:15:00.000000Z'],
  ['2025-04-06 01:29', 'Australia/Lord_Howe', '2025-04-05T14:29:00.000000Z', '2025-04-05T14:29:00.000000Z'],
  // Skipped times: 02:30 +1 is 03:30 +2, 02:15 +10:30 is 02:45 +11.
  ['2024-03-31 02:30', 'Europe/Berlin', '2024-03-31T01:30:00.000000Z', '2024-03-31T01:30:00.000000Z'],
  ['2025-10-05 02:15', 'Australia/Lord_Howe', '2025-10-04T15:45:00.000000Z', '2025-10-04T15:45:00.000000Z'],
])('%s in %s is from %s, to %s', async (given, tz, from, to) => {
  expect(await values(duckdb, parameters, { from: given, to: given, tz })).toMatchObject({ from, to });
});
