import fc from 'fast-check';
import { expect, test } from 'vitest';
import { literal } from '../../src/warehouse/duckdb.ts';
import { openEngine } from '../support/duckdb.ts';
import { runs } from '../support/runs.ts';

const { duckdb } = await openEngine();

/** Instants of texts in ISO 8601 to the millisecond, in one query; null if a text is not a time. */
async function instantsOf(texts: readonly string[], order: string | null = null, zone = 'UTC'): Promise<unknown[]> {
  const rows = await duckdb.rows(
    `select strftime(written_instant(t, ${order === null ? 'null::varchar' : literal(order)}, ${literal(zone)}), '%Y-%m-%dT%H:%M:%S.%gZ') as x
     from (select unnest([${texts.map(literal).join(', ')}]::varchar[]) as t, generate_subscripts([${texts.map(() => '0').join(', ')}], 1) as place) order by place`,
  );
  return rows.map(({ x }) => x);
}

const march = '2024-03-05T15:04:05.000Z';
const toTheMinute = '2024-03-05T15:04:00.000Z';
test.each([
  // Two-digit years.
  ['5-Mar-24 15:04', toTheMinute],
  ['Mar 5, 24 15:04', toTheMinute],
  ["5 Mar '24 15:04", toTheMinute],
  ['5-Mar-99', '1999-03-05T00:00:00.000Z'],
  ['5-Mar-70', '1970-03-05T00:00:00.000Z'],
  ['5-Mar-69', '2069-03-05T00:00:00.000Z'],
  ['05-MAR-24 03.04.05.123456 PM', '2024-03-05T15:04:05.123Z'],
  // Offsets.
  ['2024-03-05 15:04:05 +0000', march],
  ['2024-03-05 16:04 +0100', toTheMinute],
  ['2024-03-05 17:04:05 +02:00', march],
  ['2024-03-05 17:04:05 +02', march],
  ['2024-03-05T16:04:05+0100', march],
  ['2024-03-05T15:04:05Z[UTC]', march],
  ['2024-03-05T15:04:05[UTC]', march],
  ['2024-03-05T16:04:05+01:00[Europe/Berlin]', march],
  ['2024-03-05 15:04:05.000 +0000 UTC', march],
  ['2024-03-05 20:34:05+0530', march],
  ['2024-03-05 16:04:05 CET', march],
  ['2024-03-05 17:04 CEST', toTheMinute],
  ['2024-03-05 7:04 AM PST', toTheMinute],
  ['2024-03-05 08:04:05 PDT', march],
  ['2024-03-05 10:04:05 EST', march],
  ['2024-03-05 11:04:05 EDT', march],
  ['2024-03-05 16:04:05 BST', march],
  ['2024-03-05 16:04:05 (CET)', march],
  ['2024-03-05 10:04 UTC-5', toTheMinute],
  // RFC 2822, JavaScript, asctime, date(1), Apache.
  ['Tue, 05 Mar 2024 15:04:05 +0000', march],
  ['Tue, 5 Mar 24 10:04:05 EST', march],
  ['Tue Mar 05 2024 16:04:05 GMT+0100 (CET)', march],
  ['Tue Mar 05 2024 16:04:05 GMT+0100 (Central European Standard Time)', march],
  ['Tue Mar  5 15:04:05 2024', march],
  ['Tue Mar  5 16:04:05 CET 2024', march],
  ['05/Mar/2024:16:04:05 +0100', march],
  // Digits alone.
  ['20240305T150405Z', march],
  ['20240305T150405', march],
  ['20240305T160405+0100', march],
  ['20240305 150405', march],
  ['20240305T1504Z', toTheMinute],
  ['20240305150405', march],
  ['20240305', '2024-03-05T00:00:00.000Z'],
  // Month names and 12-hour clocks.
  ['Mar 5, 2024 3:04 PM', toTheMinute],
  ['5 Mar 2024 3:04 PM', toTheMinute],
  ['March 5, 2024 3:04 PM', toTheMinute],
  ['Tuesday, March 5, 2024 3:04:05 PM', march],
  ['March 5, 2024 at 3:04:05 PM GMT+1', '2024-03-05T14:04:05.000Z'],
  ['5-Mar-2024 03:04 PM', toTheMinute],
  ['05 March 2024 15:04', toTheMinute],
  ['2024-Mar-05 15:04', toTheMinute],
  ['5th of March 2024 3:04pm', toTheMinute],
  ['2024/3/5 3:04 p.m.', toTheMinute],
  ['2024-03-05 12:04 AM', '2024-03-05T00:04:00.000Z'],
  ['2024-03-05 12:04 PM', '2024-03-05T12:04:00.000Z'],
  // Clocks with dots.
  ['2024-03-05 15.04', toTheMinute],
  ['2024-03-05T15:04:05,000Z', march],
])('%s', async (text, instant) => {
  expect(await instantsOf([text])).toEqual([instant]);
});

test.each([
  ['05-03-24', 'dmy', '2024-03-05T00:00:00.000Z'],
  ['03/05/24 3:04 PM', 'mdy', toTheMinute],
  ['05.03.2024 15.04', 'dmy', toTheMinute],
  ['5. 3. 2024 15:04:05', 'dmy', march],
  ['15. 3. 2024 15:04:05', 'dmy', '2024-03-15T15:04:05.000Z'],
  ['15. 3.2024 15:04', 'dmy', '2024-03-15T15:04:00.000Z'],
  ['3/5/2024, 3:04:05\u202fPM', 'mdy', march],
  ['Tue 05.03.2024 15:04', 'dmy', toTheMinute],
  ['05.03.99', 'dmy', '1999-03-05T00:00:00.000Z'],
])('%s with order %s', async (text, order, instant) => {
  expect(await instantsOf([text], order)).toEqual([instant]);
});

test('what is ambiguous or not a time is null', async () => {
  const texts = [
    '05-03-24',
    '24-03-05',
    '202403051504',
    '2024-03-05T15:04[Europe/Berlin]',
    '2024-03-05 15:04:05 IST',
    '2024-03-05 15:04:05 XYZ',
    '2024-03-05 15:04 -5',
    '2024-03-05 15:04:05 +1600',
    '2024-03-05 15',
    '2024-03-05 13:04 PM',
    '2024-03-05 0:04 AM',
    '2024-02-30T10:00Z',
    '30 Feb 2024',
    '2024-03-05 25:00',
    'Foo 5, 2024',
    'Maybe 5, 2024',
    'Mar 2024',
    '2024-03',
    '2024',
    '15:04',
    '20241305',
  ];
  expect(await instantsOf(texts)).toEqual(texts.map(() => null));
});

const months = 'January February March April May June July August September October November December'.split(' ');
const days = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');
const two = (n: number): string => String(n).padStart(2, '0');

/** Writes an instant in UTC, or at an offset in minutes, as many programs do. */
const formats: Record<string, (at: Date, offset: number) => string> = {
  jsString: (at, offset) =>
    `${days[at.getUTCDay()]!.slice(0, 3)} ${months[at.getUTCMonth()]!.slice(0, 3)} ${two(at.getUTCDate())} ${at.getUTCFullYear()} ${clock(at)} GMT${offsetText(offset, '')} (Somewhere Time)`,
  toUTCString: (at, offset) =>
    `${days[at.getUTCDay()]!.slice(0, 3)}, ${two(at.getUTCDate())} ${months[at.getUTCMonth()]!.slice(0, 3)} ${at.getUTCFullYear()} ${clock(at)} ${offsetText(offset, '')}`,
  iso: (at, offset) => `${date(at)}T${clock(at)}${offsetText(offset, ':')}`,
  spacedOffset: (at, offset) => `${date(at)} ${clock(at)} ${offsetText(offset, '')}`,
  compact: (at, offset) =>
    `${date(at).replaceAll('-', '')}T${clock(at).replaceAll(':', '')}${offset === 0 ? 'Z' : offsetText(offset, '')}`,
  zoned: (at, offset) => `${date(at)}T${clock(at)}${offsetText(offset, ':')}[Area/City]`,
  longUs: (at, offset) =>
    `${days[at.getUTCDay()]}, ${months[at.getUTCMonth()]} ${at.getUTCDate()}, ${at.getUTCFullYear()} at ${clock12(at)} GMT${offsetText(offset, ':')}`,
  log: (at, offset) =>
    `${two(at.getUTCDate())}/${months[at.getUTCMonth()]!.slice(0, 3)}/${at.getUTCFullYear()}:${clock(at)} ${offsetText(offset, '')}`,
};
const localFormats: Record<string, (at: Date) => string> = {
  asctime: (at) =>
    `${days[at.getUTCDay()]!.slice(0, 3)} ${months[at.getUTCMonth()]!.slice(0, 3)} ${String(at.getUTCDate()).padStart(2)} ${clock(at)} ${at.getUTCFullYear()}`,
  us12: (at) => `${months[at.getUTCMonth()]!.slice(0, 3)} ${at.getUTCDate()}, ${at.getUTCFullYear()} ${clock12(at)}`,
  british12: (at) => `${at.getUTCDate()} ${months[at.getUTCMonth()]} ${at.getUTCFullYear()} ${clock12(at)}`,
  oracle: (at) =>
    `${two(at.getUTCDate())}-${months[at.getUTCMonth()]!.slice(0, 3).toUpperCase()}-${two(at.getUTCFullYear() % 100)} ${clock12(at).replaceAll(':', '.')}`,
  digits: (at) => `${date(at)}${clock(at)}`.replaceAll(/\D/g, ''),
  dots: (at) => `${date(at)} ${clock(at).replaceAll(':', '.')}`,
  iso12: (at) => `${date(at).replaceAll('-', '/')} ${clock12(at)}`,
};
const numericFormats: Record<'dmy' | 'mdy', ((at: Date) => string)[]> = {
  dmy: [
    (at) => `${two(at.getUTCDate())}.${two(at.getUTCMonth() + 1)}.${at.getUTCFullYear()} ${clock(at)}`,
    (at) => `${at.getUTCDate()}/${at.getUTCMonth() + 1}/${two(at.getUTCFullYear() % 100)} ${clock(at)}`,
    (at) => `${at.getUTCDate()}. ${at.getUTCMonth() + 1}. ${at.getUTCFullYear()} ${clock(at).replaceAll(':', '.')}`,
  ],
  mdy: [
    (at) => `${at.getUTCMonth() + 1}/${at.getUTCDate()}/${at.getUTCFullYear()}, ${clock12(at)}`,
    (at) => `${two(at.getUTCMonth() + 1)}-${two(at.getUTCDate())}-${two(at.getUTCFullYear() % 100)} ${clock12(at)}`,
  ],
};

function date(at: Date): string {
  return at.toISOString().slice(0, 10);
}
function clock(at: Date): string {
  return at.toISOString().slice(11, 19);
}
function clock12(at: Date): string {
  const hour = at.getUTCHours();
  return `${hour % 12 === 0 ? 12 : hour % 12}:${clock(at).slice(3)} ${hour < 12 ? 'AM' : 'PM'}`;
}
function offsetText(minutes: number, colon: string): string {
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}${colon}${two(size % 60)}`;
}

/** Whole seconds from 1970 to 2069, as two-digit years allow. */
const instant = fc.integer({ min: 0, max: Date.UTC(2069, 11, 31) / 1000 }).map((seconds) => new Date(seconds * 1000));
const offset = fc.integer({ min: -56, max: 56 }).map((quarters) => quarters * 15);

test('times with an offset in every format are the instant they were written from', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(instant, offset), { minLength: 20, maxLength: 40 }), async (cases) => {
      for (const write of Object.values(formats)) {
        const texts = cases.map(([at, minutes]) => write(new Date(at.getTime() + minutes * 60_000), minutes));
        expect(await instantsOf(texts, null, 'Asia/Tokyo')).toEqual(cases.map(([at]) => at.toISOString()));
      }
    }),
    { numRuns: runs(5), seed: 20260201 },
  );
});

test('JavaScript reads the formats it knows as the same instant', async () => {
  const read = ['jsString', 'toUTCString', 'iso', 'spacedOffset'];
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(instant, offset), { minLength: 20, maxLength: 40 }), async (cases) => {
      const texts = cases.map(([at, minutes], place) => formats[read[place % read.length]!]!(at, minutes));
      expect(await instantsOf(texts)).toEqual(texts.map((text) => new Date(text).toISOString()));
    }),
    { numRuns: runs(5), seed: 20260202 },
  );
});

test('local times in every format are the instant they were written from', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(instant, { minLength: 20, maxLength: 40 }), async (cases) => {
      const instants = cases.map((at) => at.toISOString());
      for (const write of Object.values(localFormats)) expect(await instantsOf(cases.map(write))).toEqual(instants);
      for (const [order, writers] of Object.entries(numericFormats))
        for (const write of writers) expect(await instantsOf(cases.map(write), order)).toEqual(instants);
    }),
    { numRuns: runs(5), seed: 20260203 },
  );
});

const spaces = [...'\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000 '];
const invisible = ['\ufeff', '\u200b', '\u200e', '\u2060', ''];
const dashes = ['-', '\u2010', '\u2011', '\u2013', '\u2212'];

test('Unicode spaces and dashes are read like ASCII ones', async () => {
  const texts = [
    '2024-03-05 15:04:05 +0000',
    '5 Mar 2024 3:04 PM',
    'Tue, 05 Mar 2024 15:04:05 -0100',
    '5-Mar-24 15:04',
  ];
  const expected = await instantsOf(texts);
  expect(expected).not.toContain(null);
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...spaces),
      fc.constantFrom(...invisible),
      fc.constantFrom(...dashes),
      async (space, mark, dash) => {
        const written = texts.map(
          (text) => `${mark}${space}${text.replaceAll(' ', space + mark).replaceAll('-', dash)}${space}${mark}`,
        );
        expect(await instantsOf(written)).toEqual(expected);
      },
    ),
    { numRuns: runs(40), seed: 20260204 },
  );
});

test.each([
  ['2024-04-07 01:29:59', '2024-04-06T14:29:59.000Z'],
  // From 01:30 to 02:00 the clocks of Lord Howe ran twice; the first pass was at +11:00, the second at +10:30.
  ['2024-04-07 01:30:00', '2024-04-06T14:30:00.000Z'],
  ['2024-04-07 01:45:00', '2024-04-06T14:45:00.000Z'],
  ['2024-04-07 02:00:00', '2024-04-06T15:30:00.000Z'],
  // From 02:00 to 02:30 they were put forward.
  ['2024-10-06 01:59:59', '2024-10-05T15:29:59.000Z'],
  ['2024-10-06 02:30:00', '2024-10-05T15:30:00.000Z'],
])('%s in Lord Howe', async (text, expected) => {
  expect(await instantsOf([text], null, 'Australia/Lord_Howe')).toEqual([expected]);
});

test('local times of every zone are the first instant with that time on its clocks', async () => {
  const zones = ['Australia/Lord_Howe', 'Europe/Dublin', 'America/St_Johns', 'Antarctica/Troll', 'Africa/Casablanca'];
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...zones), fc.integer({ min: 2005, max: 2030 }), async (zone, year) => {
      const wall = wallClock(zone);
      // Every 10 minutes around each change of the clocks in the year.
      const all = Array.from({ length: 366 * 144 }, (_, step) => Date.UTC(year) + step * 600_000);
      const offsets = all.filter((at) => at % 3_600_000 === 0).map((at) => wall(at) - at);
      const changes = all
        .filter((at) => at % 3_600_000 === 0)
        .filter((_, place) => place > 0 && offsets[place] !== offsets[place - 1]);
      const near = changes.flatMap((at) => Array.from({ length: 60 }, (_, step) => at + (step - 30) * 600_000));
      const first = new Map<number, number>();
      for (const at of near.toSorted((a, b) => a - b)) if (!first.has(wall(at))) first.set(wall(at), at);
      const cases = [...first].filter(([, at]) => changes.some((change) => Math.abs(at - change) < 12_000_000));
      const texts = cases.map(([local]) => new Date(local).toISOString().slice(0, 19).replace('T', ' '));
      if (texts.length === 0) return;
      expect(await instantsOf(texts, null, zone)).toEqual(cases.map(([, at]) => new Date(at).toISOString()));
    }),
    { numRuns: runs(10), seed: 20260205 },
  );
});

/** The time on the clocks of a zone, as milliseconds since 1970 on them. */
function wallClock(zone: string): (at: number) => number {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' });
  const known = new Map<number, number>();
  return (at) => {
    const value = known.get(at) ?? Date.parse(`${format.format(at).replace(' ', 'T')}Z`);
    known.set(at, value);
    return value;
  };
}
