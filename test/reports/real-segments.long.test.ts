import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';
import { beforeAll, describe, expect, test } from 'vitest';
import { scratch, wattduck } from '../support/cli.ts';

const data = fileURLToPath(new URL('../../../shared/data/customers/uci_online_retail', import.meta.url));
const folder = scratch();
const db = join(folder, 'shop.duckdb');
const asOf = Date.UTC(2011, 1, 19);
const day = 86_400_000;

type Line = Record<string, string>;
type Answered = Record<string, string | number | null>;

interface Customer {
  id: string;
  events: number;
  purchases: number;
  orders: Set<string>;
  visits: Set<string>;
  /** Amount in thousandths. */
  mills: number;
  lastPurchase: number;
  lastEvent: number;
}

/** Totals by customer from the lines of the invoices. All months are in winter, so London time is UTC. */
function customersOf(lines: readonly Line[]): Customer[] {
  const customers = new Map<string, Customer>();
  for (const line of lines) {
    const id = line['CustomerID']!.replace(/\.0$/, '');
    if (id === '') continue;
    const [invoice, quantity, time] = [
      line['InvoiceNo']!,
      Number(line['Quantity']),
      Date.parse(`${line['InvoiceDate']!.replace(' ', 'T')}Z`),
    ];
    if (time > asOf) continue;
    const customer = customers.get(id) ?? {
      id,
      events: 0,
      purchases: 0,
      orders: new Set(),
      visits: new Set(),
      mills: 0,
      lastPurchase: -Infinity,
      lastEvent: -Infinity,
    };
    customers.set(id, customer);
    customer.events += 1;
    customer.visits.add(invoice);
    customer.lastEvent = Math.max(customer.lastEvent, time);
    const mills = Math.round(Number(line['UnitPrice']) * 1000) * quantity;
    if (invoice.startsWith('C')) customer.mills -= Math.abs(mills);
    else if (!invoice.startsWith('A') && quantity >= 0) {
      customer.purchases += 1;
      customer.orders.add(invoice);
      customer.mills += mills;
      customer.lastPurchase = Math.max(customer.lastPurchase, time);
    }
  }
  return [...customers.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

const daysSince = (time: number): number => Math.floor((asOf - time) / day);

/** The quintile of each value, by the number of smaller values. */
function fifths(values: readonly number[]): (value: number) => number {
  return (value) => 1 + Math.floor((5 * values.filter((each) => each < value).length) / values.length);
}

function suggested(r: number, f: number, m: number, orders: number): string {
  const value = Math.round((f + m) / 2);
  const rows: [boolean, string][] = [
    [r >= 4 && value >= 4, 'Champions'],
    [r === 3 && value >= 4, 'Loyal'],
    [r <= 2 && value === 5, 'Cannot lose'],
    [r <= 2 && value >= 3, 'At risk'],
    [r >= 4 && orders === 1, 'New'],
    [r >= 3, 'Promising'],
    [true, 'Dormant'],
  ];
  return rows.find(([holds]) => holds)![1];
}

const segments: [name: string, rule: string, holds: (customer: Customer) => boolean][] = [
  [
    'Big and back',
    'total_spent > 1000 AND order_count >= 2',
    ({ mills, orders }) => mills > 1_000_000 && orders.size >= 2,
  ],
  [
    'Once and gone',
    'NOT (order_count <> 1 OR days_since_last_purchase < 30) AND average_order_value <= 250.75',
    ({ mills, orders, lastPurchase }) => orders.size === 1 && daysSince(lastPurchase) >= 30 && mills <= 250_750,
  ],
];

async function answer(...args: string[]): Promise<Answered[]> {
  const { status, stdout, stderr } = await wattduck([
    'report',
    ...args,
    '--as-of',
    new Date(asOf).toISOString(),
    '--limit',
    '100000',
    '--db',
    db,
    '--format',
    'json',
  ]);
  expect(status, stderr).toBe(0);
  return (JSON.parse(stdout) as { data: Answered[] }).data;
}

const sum = (values: readonly number[]): number => values.reduce((all, each) => all + each, 0);

describe.skipIf(!existsSync(data))('a real shop', () => {
  let customers: Customer[];
  beforeAll(async () => {
    const paths = readdirSync(data).map((name) => join(data, name));
    customers = customersOf(paths.flatMap((path) => parse(readFileSync(path), { columns: true }) as Line[]));
    const made = join(folder, 'segments.ndjson');
    writeFileSync(
      made,
      segments
        .map(([name, rule]) => JSON.stringify({ segment_id: name, segment_name: name, segment_rules: rule }))
        .join('\n'),
    );
    const { status, stderr } = await wattduck(['ingest', ...paths, made, '--db', db]);
    expect(status, stderr).toBe(0);
  });

  test('every customer: recency, orders, amount, quintiles, suggestion and rules met', async () => {
    const buyers = customers.filter(({ orders }) => orders.size > 0);
    const recency = fifths(buyers.map(({ lastPurchase }) => -daysSince(lastPurchase)));
    const [frequency, money] = [
      fifths(buyers.map(({ orders }) => orders.size)),
      fifths(buyers.map(({ mills }) => mills)),
    ];
    const wanted = customers.map((customer) => {
      const { id, orders, mills, lastPurchase, lastEvent } = customer;
      const days = daysSince(lastPurchase);
      const isBuyer = orders.size > 0;
      const scores = isBuyer ? ([recency(-days), frequency(orders.size), money(mills)] as const) : [null, null, null];
      const name = isBuyer
        ? suggested(...(scores as [number, number, number]), orders.size)
        : daysSince(lastEvent) < 30
          ? 'Prospect'
          : 'Lapsed visitor';
      const rules = segments.filter(([, , holds]) => holds(customer)).map(([each]) => each);
      return [
        id,
        isBuyer ? days : null,
        orders.size,
        mills / 1000,
        ...scores,
        name,
        rules.length > 0 ? rules.join(', ') : null,
      ];
    });
    expect(buyers.length).toBeGreaterThan(1000);
    expect(buyers.length).toBeLessThan(customers.length);
    expect(new Set(wanted.map((row) => row[7])).size).toBeGreaterThanOrEqual(8);

    const rows = await answer('customer_segmentation_suggestions', '--sort', 'customer_id');
    const names = [
      'customer_id',
      'recency_days',
      'frequency',
      'monetary',
      'recency_quintile',
      'frequency_quintile',
      'monetary_quintile',
      'suggested_segment',
      'rules_met',
    ];
    expect(rows.map((row) => names.map((name) => row[name]))).toEqual(wanted);
  });

  test.each(segments)('%s: members and what they bring', async (name, _, holds) => {
    const members = customers.filter(holds);
    expect(members.length).toBeGreaterThan(50);
    expect(
      (await answer('segment_customers', '--segment-name', name)).map((row) => [
        row['customer_id'],
        row['membership'],
        row['total_spent'],
        row['order_count'],
        row['session_count'],
      ]),
    ).toEqual(members.map(({ id, mills, orders, visits }) => [id, 'rule', mills / 1000, orders.size, visits.size]));
    const row = (await answer('segment_metrics')).find((each) => each['segment_name'] === name)!;
    const orders = sum(members.map((member) => member.orders.size));
    const revenue = sum(members.map(({ mills }) => mills)) / 1000;
    expect(row).toEqual({
      segment_name: name,
      customers: members.length,
      active_customers: members.filter(({ lastEvent }) => daysSince(lastEvent) < 30).length,
      events: sum(members.map(({ events }) => events)),
      purchases: sum(members.map(({ purchases }) => purchases)),
      orders,
      revenue,
      average_order_value: expect.closeTo(revenue / orders, 4) as unknown,
      average_lifetime_value: null,
      conversion: null,
      members_by_profile: 0,
      members_by_rule: members.length,
    });
  });
});
