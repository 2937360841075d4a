import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runReport, type Answer } from '../../src/reports/run-report.ts';
import { openForWriting } from '../../src/warehouse/database.ts';
import { scratch } from '../support/cli.ts';
import { openEngine } from '../support/duckdb.ts';
import { ingestSource } from '../support/ingest.ts';
import { runs } from '../support/runs.ts';

interface ShopEvent {
  id: string;
  customer: string | null;
  type: string;
  /** Seconds since the origin. */
  at: number;
  session: string | null;
  category: string | null;
  cents: number | null;
  quantity: number | null;
  device: string | null;
  country: string | null;
}

interface Asked {
  from: number | null;
  to: number | null;
  tz: string;
  country: string | null;
  device: string | null;
}

const folder = scratch();
const db = join(folder, 'shop.duckdb');
const { duckdb, catalog } = await openEngine();
const reports = new Map(
  await Promise.all(
    ['customer_behavioral_analysis', 'customer_funnel', 'customer_purchase_history'].map(
      async (name) => [name, await catalog.report(name)] as const,
    ),
  ),
);
await openForWriting(duckdb, db, catalog);

// The day before the clock change in Berlin, and the day after.
const origin = Date.UTC(2024, 2, 30) / 1000;
const span = 3 * 86_400;
const written = (at: number): string => new Date((origin + at) * 1000).toISOString().slice(0, 19).replace('T', ' ');

// Few moments, many at midnight somewhere, so that events coincide.
const second = fc.oneof(
  fc.integer({ min: 0, max: span / 3600 }).map((hour) => hour * 3600),
  fc.integer({ min: 0, max: span / 3600 }).map((hour) => hour * 3600 - 1),
  fc.constantFrom(0, 20_700, 81_900, 82_800, 86_399, 86_400),
  fc.constantFrom(165_599, 165_600),
);

const event: fc.Arbitrary<Omit<ShopEvent, 'id'>> = fc.record({
  customer: fc.constantFrom('ann', 'ann', 'bob', null),
  type: fc.constantFrom(
    'view',
    'Page_View',
    'product_view',
    'cart',
    'ADD_TO_CART',
    'purchase',
    'purchase',
    'Purchase',
    'refund',
    'REFUND',
    'search',
    'wishlist',
  ),
  at: second,
  session: fc.constantFrom('s1', 's2', 's3', null, null),
  category: fc.constantFrom('books', 'toys', null),
  cents: fc.oneof(fc.constant(null), fc.integer({ min: -500, max: 5000 })),
  quantity: fc.constantFrom(null, 1, 1, 2, 3, 0, -1, -2),
  device: fc.constantFrom('mobile', 'Mobile', 'desktop', null),
  country: fc.constantFrom('US', 'us', 'Côte d’Ivoire', 'say "DE"', null),
});
const events = fc
  .array(event, { maxLength: 24, size: 'max' })
  .map((all) => all.map((each, at): ShopEvent => ({ id: `e${at}`, ...each })));

// Mostly all events, because filters leave few.
const end = fc.oneof({ arbitrary: fc.constant(null), weight: 2 }, { arbitrary: second, weight: 1 });
const asked: fc.Arbitrary<Asked> = fc
  .record({
    ends: fc.tuple(end, end),
    tz: fc.constantFrom('UTC', 'Europe/Berlin', 'America/St_Johns', 'Asia/Kathmandu', 'Pacific/Kiritimati'),
    country: fc.constantFrom(null, null, null, null, null, 'Us', 'say "de"', 'FR'),
    device: fc.constantFrom(null, null, null, null, 'MOBILE', 'desktop'),
  })
  .map(({ ends: [one, other], ...rest }) => {
    const [from, to] = one !== null && other !== null ? [Math.min(one, other), Math.max(one, other)] : [one, other];
    return { from, to, ...rest };
  });

let files = 0;

/** Imports the events as a file that replaces the earlier ones. */
async function store(all: readonly ShopEvent[]): Promise<void> {
  await duckdb.run('delete from customer_events');
  if (all.length === 0) return;
  const path = join(folder, `events-${(files += 1)}.ndjson`);
  const lines = all.map(({ id, customer, type, at, session, category, cents, quantity, device, country }) =>
    JSON.stringify({
      event_id: id,
      customer_id: customer,
      event_type: type,
      event_timestamp: written(at),
      session_id: session,
      category_id: category,
      product_id: 'p',
      price: cents === null ? null : cents / 100,
      quantity,
      page_url: '/',
      device_type: device,
      country,
    }),
  );
  writeFileSync(path, `${lines.join('\n')}\n`);
  expect(await ingestSource(duckdb, catalog, db, path, { source: 'customer_events' })).toMatchObject({
    added: all.length,
    quarantined: 0,
  });
}

function answer(name: string, { from, to, tz }: Asked, more: Record<string, string | null>): Promise<Answer> {
  // Read as UTC whatever the time zone of the report.
  const time = (at: number | null): string | undefined =>
    at === null ? undefined : `${written(at)}Z`.replace(' ', 'T');
  const given = Object.fromEntries(Object.entries(more).filter(([, value]) => value !== null)) as Record<
    string,
    string
  >;
  return runReport(
    duckdb,
    reports.get(name)!,
    { start_date: time(from), end_date: time(to), tz, ...given },
    { now: new Date(0), label: (label) => label },
  );
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, each) => all + each, 0);
const word = ({ type }: ShopEvent): string => type.toLowerCase();
const isView = (each: ShopEvent): boolean => word(each).includes('view');
const isCart = (each: ShopEvent): boolean => word(each).includes('cart');
const isBought = (each: ShopEvent): boolean => word(each) === 'purchase' && (each.quantity ?? 1) >= 0;
const isBack = (each: ShopEvent): boolean => word(each) === 'refund' || (word(each) === 'purchase' && !isBought(each));

/** Revenue of an event in cents; null without revenue or price. */
function brought(each: ShopEvent): number | null {
  if (each.cents === null || !(isBought(each) || isBack(each))) return null;
  const cents = each.cents * (each.quantity ?? 1) + 0;
  return isBack(each) ? 0 - Math.abs(cents) : cents;
}

const within = ({ at }: ShopEvent, { from, to }: Asked): boolean => at >= (from ?? -Infinity) && at <= (to ?? Infinity);
const matches = (one: string | null, wanted: string | null): boolean =>
  wanted === null || one?.toLowerCase() === wanted.toLowerCase();
const chosen = (all: readonly ShopEvent[], how: Asked): ShopEvent[] =>
  all.filter((each) => within(each, how) && matches(each.country, how.country) && matches(each.device, how.device));

const dayIn = (tz: string): ((each: ShopEvent) => string) => {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone: tz, dateStyle: 'short' });
  return ({ at }) => format.format((origin + at) * 1000);
};

function grouped<T>(all: readonly T[], by: (each: T) => string): [string, T[]][] {
  const groups = new Map<string, T[]>();
  for (const each of all) groups.set(by(each), [...(groups.get(by(each)) ?? []), each]);
  return [...groups].toSorted(([one], [other]) => (one < other ? -1 : 1));
}

/** Events by visit: a session, a customer's local day without sessions, or one event of a guest. */
const visitsOf = (all: readonly ShopEvent[], day: (each: ShopEvent) => string): ShopEvent[][] =>
  grouped(all, (each) =>
    JSON.stringify(
      each.session === null ? [each.customer === null ? each.id : [each.customer, day(each)]] : each.session,
    ),
  ).map(([, visit]) => visit);

const share = (part: number, whole: number): string => (whole === 0 ? 'null' : (part / whole).toFixed(6));
const said = (value: unknown): string => (value === null ? 'null' : Number(value).toFixed(6));
const cents = (value: unknown): number => Math.round(Number(value) * 100);
const money = (all: readonly ShopEvent[]): number => sum(all.map((each) => brought(each) ?? 0));

/** Number of visits with one type, and of those with another too. */
const count = (visits: readonly ShopEvent[][], ...things: ((each: ShopEvent) => boolean)[]): number =>
  visits.filter((visit) => things.every((thing) => visit.some(thing))).length;

/** The first spelling, in code point order, of every name in the list; null is unknown. */
const spellings = (names: readonly (string | null)[]): ((name: string | null) => string) => {
  const first = new Map<string, string>();
  for (const name of names
    .map((each) => each ?? 'unknown')
    .toSorted()
    .toReversed())
    first.set(name.toLowerCase(), name);
  return (name) => first.get((name ?? 'unknown').toLowerCase())!;
};

const tally = (names: readonly (string | null)[], spelling: (name: string | null) => string): string =>
  JSON.stringify(
    Object.fromEntries(
      grouped(names, spelling)
        .map(([name, { length }]): [string, number] => [name, length])
        .toSorted(([, one], [, other]) => other - one),
    ),
  );

test('behaviour by day and type matches a check of every event', async () => {
  await fc.assert(
    fc.asyncProperty(
      events,
      asked,
      fc.constantFrom(null, null, null, 'PURCHASE', 'view', 'Refund'),
      async (all, how, type) => {
        await store(all);
        const { rows, total } = await answer('customer_behavioral_analysis', how, {
          country: how.country,
          device_type: how.device,
          event_type: type,
        });
        const day = dayIn(how.tz);
        const deviceName = spellings(chosen(all, how).map(({ device }) => device));
        const countryName = spellings(chosen(all, how).map(({ country }) => country));
        const expected = grouped(chosen(all, how), day).flatMap(([date, ofDay]) => {
          const visits = visitsOf(ofDay, day);
          const conversion = share(count(visits, isView, isBought), count(visits, isView));
          return grouped(
            ofDay.filter((each) => matches(each.type, type)),
            word,
          ).map(([kind, list]) => {
            const distinct = (values: readonly (string | null)[]): number =>
              new Set(values.filter((value) => value !== null)).size;
            return [
              date,
              kind,
              list.length,
              distinct(list.map(({ customer }) => customer)),
              distinct(list.map(({ session }) => session)),
              money(list),
              conversion,
              tally(
                list.map(({ device }) => device),
                deviceName,
              ),
              tally(
                list.map(({ country }) => country),
                countryName,
              ),
            ];
          });
        });
        expect(
          rows.map((row) => [
            row['date'],
            row['event_type'],
            row['events'],
            row['customers'],
            row['sessions'],
            cents(row['revenue']),
            said(row['view_to_purchase']),
            JSON.stringify(row['devices']),
            JSON.stringify(row['countries']),
          ]),
        ).toEqual(expected);
        expect(total).toBe(expected.length);
      },
    ),
    { numRuns: runs(30), seed: 20260101 },
  );
});

test('the funnel matches a check of every visit', async () => {
  await fc.assert(
    fc.asyncProperty(events, asked, fc.constantFrom('day', 'device', 'country', 'all'), async (all, how, groupBy) => {
      await store(all);
      const { rows } = await answer('customer_funnel', how, {
        country: how.country,
        device_type: how.device,
        group_by: groupBy,
      });
      const day = dayIn(how.tz);
      const deviceName = spellings(chosen(all, how).map(({ device }) => device));
      const countryName = spellings(chosen(all, how).map(({ country }) => country));
      const groupOf = {
        day,
        device: (each: ShopEvent) => deviceName(each.device),
        country: (each: ShopEvent) => countryName(each.country),
        all: () => 'all',
      }[groupBy];
      const expected = grouped(chosen(all, how), groupOf!).map(([group, list]) => {
        const visits = visitsOf(list, day);
        const [viewed, carted] = [count(visits, isView), count(visits, isCart)];
        return [
          group,
          visits.length,
          viewed,
          carted,
          count(visits, isBought),
          share(count(visits, isView, isCart), viewed),
          share(count(visits, isCart, isBought), carted),
          share(count(visits, isView, isBought), viewed),
          money(list),
        ];
      });
      expect(
        rows.map((row) => [
          row['group'],
          row['visits'],
          row['viewed'],
          row['carted'],
          row['bought'],
          said(row['view_to_cart']),
          said(row['cart_to_purchase']),
          said(row['view_to_purchase']),
          cents(row['revenue']),
        ]),
      ).toEqual(expected);
    }),
    { numRuns: runs(30), seed: 20260102 },
  );
});

test('a purchase history adds up event by event, on every page', async () => {
  await fc.assert(
    fc.asyncProperty(
      events,
      asked,
      fc.constantFrom('ann', 'ann', 'bob', 'zoe'),
      fc.constantFrom(null, null, 'books', 'toys'),
      fc.constantFrom(1, 2, 5, 50),
      async (all, how, customer, category, limit) => {
        await store(all);
        const { rows, total } = await answer('customer_purchase_history', how, {
          customer_id: customer,
          category_id: category,
          limit: String(limit),
        });
        const own = all
          .filter(
            (each) =>
              each.customer === customer &&
              (isBought(each) || isBack(each)) &&
              within(each, how) &&
              (category === null || each.category === category),
          )
          .toSorted((one, other) => one.at - other.at || (one.id < other.id ? 1 : -1));
        const expected = own
          .map((each, at) => [
            each.id,
            written(each.at),
            each.cents,
            each.quantity,
            brought(each),
            money(own.slice(0, at + 1)),
          ])
          .toReversed();
        const known = (value: unknown): number | null => (value === null ? null : cents(value));
        expect(
          rows.map((row) => [
            row['event_id'],
            row['event_timestamp'],
            known(row['price']),
            row['quantity'],
            known(row['total_amount']),
            known(row['running_total']),
          ]),
        ).toEqual(expected.slice(0, limit));
        expect(total).toBe(expected.length);
      },
    ),
    { numRuns: runs(30), seed: 20260103 },
  );
});
