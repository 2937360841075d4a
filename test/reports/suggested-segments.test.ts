import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runReport } from '../../src/reports/run-report.ts';
import { openEngine } from '../support/duckdb.ts';

/** Days since the last order, number of orders and amount spent; or no orders and only views. */
type Buyer = { days: number; orders: number; money: number };
type Visitor = { seen: number | null };

const { duckdb, catalog } = await openEngine();
const report = await catalog.report('customer_segmentation_suggestions');
const context = { now: new Date('2026-01-01T00:00:00Z'), label: (name: string) => name };

const buyer: fc.Arbitrary<Buyer> = fc.record({
  days: fc.integer({ min: 0, max: 30 }),
  orders: fc.integer({ min: 1, max: 5 }),
  money: fc.integer({ min: 1, max: 20 }),
});
const visitor: fc.Arbitrary<Visitor> = fc.record({ seen: fc.constantFrom(null, 0, 29, 30, 400) });

async function fill(buyers: readonly Buyer[], visitors: readonly Visitor[]): Promise<void> {
  const event = (id: string, customer: string, type: string, days: number, price: number): string =>
    `('${id}', '${customer}', '${type}', timestamp '2026-01-01' - interval ${days} day, '${id}', ${price}, 1, timestamp '2026-01-01')`;
  // The first of several orders has the amount.
  const events = [
    ...buyers.flatMap(({ days, orders, money }, at) =>
      Array.from({ length: orders }, (_, n) =>
        event(`b${at}/${n}`, `b${at}`, 'purchase', days + n, n === 0 ? money : 0),
      ),
    ),
    ...visitors.flatMap(({ seen }, at) => (seen === null ? [] : [event(`v${at}`, `v${at}`, 'view', seen, 0)])),
  ];
  await duckdb.run(
    [
      'delete from customer_events',
      'delete from customer_profiles',
      `insert into customer_events (event_id, customer_id, event_type, event_timestamp, session_id, price, quantity, last_updated) values ${events.join(', ')}`,
      ...visitors.map(
        (_, at) =>
          `insert into customer_profiles (customer_id, signup_date, last_updated) values ('v${at}', date '2024-01-01', timestamp '2024-01-01')`,
      ),
    ].join(';\n'),
  );
}

/** The quintile of a value, by the number of worse values. */
const fifth = (value: number, all: readonly number[]): number =>
  Math.floor((all.filter((each) => each < value).length / all.length) * 5 + 1e-9) + 1;

function suggestion(of: Buyer, all: readonly Buyer[]): string {
  const r = fifth(
    -of.days,
    all.map(({ days }) => -days),
  );
  const mean =
    (fifth(
      of.orders,
      all.map(({ orders }) => orders),
    ) +
      fifth(
        of.money,
        all.map(({ money }) => money),
      )) /
    2;
  if (mean >= 3.5 && r >= 3) return r === 3 ? 'Loyal' : 'Champions';
  if (mean >= 2.5 && r <= 2) return mean >= 4.5 ? 'Cannot lose' : 'At risk';
  if (r <= 2) return 'Dormant';
  return r >= 4 && of.orders === 1 ? 'New' : 'Promising';
}

test('suggestions match the description, and each of the ten occurs', async () => {
  const made = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(
      fc.array(buyer, { minLength: 1, maxLength: 25, size: 'max' }),
      fc.array(visitor, { maxLength: 5 }),
      async (buyers, visitors) => {
        await fill(buyers, visitors);
        const { rows } = await runReport(duckdb, report, {}, context);
        const wanted = [
          ...buyers.map((each, at) => [`b${at}`, suggestion(each, buyers)]),
          ...visitors.map(({ seen }, at) => [
            `v${at}`,
            seen === null ? 'Never active' : seen < 30 ? 'Prospect' : 'Lapsed visitor',
          ]),
        ] as [string, string][];
        const got = new Map(rows.map((row) => [row['customer_id'], row['suggested_segment']]));
        expect(wanted.map(([id]) => [id, got.get(id)])).toEqual(wanted);
        expect(got.size).toBe(wanted.length);
        for (const [, name] of wanted) made.set(name, (made.get(name) ?? 0) + 1);
      },
    ),
    { numRuns: 60, seed: 20260703 },
  );
  expect([...made.keys()].toSorted()).toEqual([
    'At risk',
    'Cannot lose',
    'Champions',
    'Dormant',
    'Lapsed visitor',
    'Loyal',
    'Never active',
    'New',
    'Promising',
    'Prospect',
  ]);
  expect(Math.min(...made.values())).toBeGreaterThan(10);
});
