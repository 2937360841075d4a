import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';
import { beforeAll, describe, expect, test } from 'vitest';
import { cliDatabase } from '../sql/mappings/cli-database.ts';
import { scratch } from '../support/cli.ts';

const data = fileURLToPath(new URL('../../../shared/data/customers', import.meta.url));
const folder = scratch();

type Row = Record<string, string>;

interface ShopEvent {
  id: string;
  customer: string | null;
  type: 'view' | 'cart' | 'purchase' | 'refund' | 'adjustment';
  /** Unix time in milliseconds. */
  at: number;
  visit: string;
  product: string;
  category: string | null;
  /** Unit price in thousandths. */
  mills: number;
  quantity: number | null;
  country: string | null;
}

const lines = (path: string): Row[] => parse(readFileSync(path), { columns: true, bom: true }) as Row[];
const mills = (price: string): number => Math.round(Number(price) * 1000);

const views = (): ShopEvent[] =>
  lines(join(data, 'rees46_2019oct_sample.csv')).map((row) => ({
    id: [
      row['user_id'],
      row['user_session'],
      row['event_time']!.replace(' UTC', 'Z').replace(' ', 'T'),
      row['event_type'],
      row['product_id'],
      String(Number(row['price'])),
    ].join('/'),
    customer: row['user_id']!,
    type: row['event_type'] as ShopEvent['type'],
    at: Date.parse(row['event_time']!.replace(' UTC', 'Z')),
    visit: row['user_session']!,
    product: row['product_id']!,
    category: row['category_id']!,
    mills: mills(row['price']!),
    quantity: null,
    country: null,
  }));

/** Lines of invoices, in winter, so London time is UTC. Duplicates are numbered in file order. */
function invoices(paths: readonly string[]): ShopEvent[] {
  const twins = new Map<string, number>();
  return paths.flatMap(lines).map((row) => {
    const { InvoiceNo: invoice, Quantity: quantity } = row as { InvoiceNo: string; Quantity: string };
    const key = [invoice, row['StockCode'], quantity, Number(row['UnitPrice'])].join('/');
    const place = (twins.get(key) ?? 0) + 1;
    twins.set(key, place);
    const stock = invoice.startsWith('A') || quantity.startsWith('-');
    return {
      id: place === 1 ? key : `${key}#${place}`,
      customer: row['CustomerID'] === '' ? null : String(Number(row['CustomerID'])),
      type: invoice.startsWith('C') ? 'refund' : stock ? 'adjustment' : 'purchase',
      at: Date.parse(`${row['InvoiceDate']!.replace(' ', 'T')}Z`),
      visit: invoice,
      product: row['StockCode']!,
      category: null,
      mills: mills(row['UnitPrice']!),
      quantity: Number(quantity),
      country: row['Country']!,
    };
  });
}

const sum = (values: readonly number[]): number => values.reduce((all, each) => all + each, 0);
const round = (value: unknown): number | null => (value === null ? null : Math.round(Number(value) * 1000));
const written = (at: number): string => new Date(at).toISOString().slice(0, 19).replace('T', ' ');

/** Revenue of an event in thousandths; refunds have a negative quantity. */
const brought = ({ type, mills: price, quantity }: ShopEvent): number =>
  type === 'purchase' || type === 'refund' ? price * (quantity ?? 1) : 0;

function grouped(all: readonly ShopEvent[], by: (each: ShopEvent) => string): [string, ShopEvent[]][] {
  const groups = new Map<string, ShopEvent[]>();
  for (const each of all) {
    const group = groups.get(by(each));
    if (group) group.push(each);
    else groups.set(by(each), [each]);
  }
  return [...groups].toSorted(([one], [other]) => (one < other ? -1 : 1));
}

const largest = (groups: [string, ShopEvent[]][]): string =>
  groups.toSorted(([, one], [, other]) => other.length - one.length)[0]![0];
const distinct = (values: readonly (string | null)[]): number => new Set(values.filter((value) => value !== null)).size;
const visitsWith = (all: readonly ShopEvent[], ...types: ShopEvent['type'][]): number =>
  grouped(all, ({ visit }) => visit).filter(([, of]) => types.every((wanted) => of.some(({ type }) => type === wanted)))
    .length;
const share = (part: number, whole: number): number | null => (whole === 0 ? null : Math.round((1000 * part) / whole));

/** The local day at an offset of hours from UTC. */
const dayAhead =
  (hours: number) =>
  ({ at }: ShopEvent): string =>
    written(at + hours * 3_600_000).slice(0, 10);

describe.skipIf(!existsSync(data))('reports over real shops', () => {
  const { file, said } = cliDatabase(folder);
  let all: ShopEvent[] = [];
  /** Customers with the most events, the most refunds and the most views. */
  let [busiest, givingBack, keenest] = ['', '', ''];
  const report = async (name: string, ...args: string[]): Promise<Record<string, unknown>[]> =>
    (
      JSON.parse(await said(['report', name, ...args, '--limit', '1000000', '--format', 'json'])) as {
        data: Record<string, unknown>[];
      }
    ).data;

  beforeAll(async () => {
    const paths = readdirSync(join(data, 'uci_online_retail'))
      .toSorted()
      .map((name) => join(data, 'uci_online_retail', name));
    all = [...views(), ...invoices(paths)];
    const known = all.filter(({ customer }) => customer !== null);
    [busiest, givingBack, keenest] = [
      known,
      known.filter(({ type }) => type === 'refund'),
      known.filter(({ type }) => type === 'view'),
    ].map((of) => largest(grouped(of, ({ customer }) => customer!))) as [string, string, string];
    const taken = await file(join(data, 'rees46_2019oct_sample.csv'), ...paths);
    expect(sum(taken.map(({ added }) => added))).toBe(all.length);
  });

  /** Newest first, ties by ID. */
  const newestFirst = (of: readonly ShopEvent[]): ShopEvent[] =>
    of.toSorted((one, other) => other.at - one.at || (one.id < other.id ? -1 : 1));

  test.each([
    ['the busiest customer', () => busiest],
    ['who gives back most', () => givingBack],
  ])('the purchases of %s, with a running total', async (_, whose) => {
    const name = whose();
    const own = newestFirst(
      all.filter(({ customer, type }) => customer === name && (type === 'purchase' || type === 'refund')),
    );
    expect(own.length).toBeGreaterThan(20);
    const rows = await report('customer_purchase_history', '--customer-id', name);
    expect(
      rows.map((row) => [
        row['event_id'],
        row['event_timestamp'],
        row['product_id'],
        round(row['price']),
        row['quantity'],
        round(row['total_amount']),
        round(row['running_total']),
        row['country'],
      ]),
    ).toEqual(
      own.map((each, at) => [
        each.id,
        written(each.at),
        each.product,
        each.mills,
        each.quantity,
        brought(each),
        sum(own.slice(at).map(brought)),
        each.country,
      ]),
    );
  });

  test('the running total of a month starts with the month', async () => {
    const own = newestFirst(
      all.filter(
        ({ customer, type, at }) =>
          customer === busiest && (type === 'purchase' || type === 'refund') && written(at).startsWith('2011-01'),
      ),
    );
    const rows = await report(
      'customer_purchase_history',
      '--customer-id',
      busiest,
      '--start-date',
      '2011-01-01',
      '--end-date',
      '2011-01-31',
    );
    expect(rows.map((row) => [row['event_id'], round(row['running_total'])])).toEqual(
      own.map(({ id }, at) => [id, sum(own.slice(at).map(brought))]),
    );
  });

  test.each([
    ['who looks most', () => keenest],
    ['the busiest customer', () => busiest],
  ])('the activity of %s', async (_, whose) => {
    const name = whose();
    const own = newestFirst(all.filter(({ customer }) => customer === name));
    const fields = (row: Record<string, unknown>): unknown[] => [
      row['event_id'],
      row['event_timestamp'],
      row['event_type'],
      row['session_id'],
      row['product_id'],
      row['category_id'],
      round(row['price']),
      row['quantity'],
      row['country'],
    ];
    const wanted = (of: readonly ShopEvent[]): unknown[] =>
      of.map((each) => [
        each.id,
        written(each.at),
        each.type,
        each.visit,
        each.product,
        each.category,
        each.mills,
        each.quantity,
        each.country,
      ]);
    expect((await report('customer_activity', '--customer-id', name)).map(fields)).toEqual(wanted(own));
    const type = own[0]!.type;
    expect(
      (await report('customer_activity', '--customer-id', name, '--event-type', type.toUpperCase())).map(fields),
    ).toEqual(wanted(own.filter((each) => each.type === type)));
  });

  const inDecember = ({ at }: ShopEvent): boolean => written(at).startsWith('2010-12');
  test.each<[string, number, (each: ShopEvent) => boolean, string[]]>([
    ['all of it', 0, () => true, []],
    ['in Tokyo, where the afternoon of London is tomorrow', 9, () => true, ['--tz', 'Asia/Tokyo']],
    [
      'refunds of December from Germany',
      0,
      (each) => inDecember(each) && each.country === 'Germany',
      ['--event-type', 'refund', '--country', 'germany', '--start-date', '2010-12-01', '--end-date', '2010-12-31'],
    ],
  ])('behaviour by day and type: %s', async (_, hours, isMeant, args) => {
    const type = args.includes('--event-type') ? 'refund' : undefined;
    const expected = grouped(all.filter(isMeant), dayAhead(hours)).flatMap(([day, ofDay]) =>
      grouped(
        ofDay.filter((each) => type === undefined || each.type === type),
        (each) => each.type,
      ).map(([kind, of]) => [
        day,
        kind,
        of.length,
        distinct(of.map(({ customer }) => customer)),
        distinct(of.map(({ visit }) => visit)),
        sum(of.map(brought)),
        share(visitsWith(ofDay, 'view', 'purchase'), visitsWith(ofDay, 'view')),
        { unknown: of.length },
        Object.fromEntries(
          grouped(of, ({ country }) => country ?? 'unknown').map(([country, each]) => [country, each.length]),
        ),
      ]),
    );
    expect(expected.length).toBeGreaterThan(5);
    const rows = await report('customer_behavioral_analysis', ...args);
    expect(
      rows.map((row) => [
        row['date'],
        row['event_type'],
        row['events'],
        row['customers'],
        row['sessions'],
        round(row['revenue']),
        round(row['view_to_purchase']),
        row['devices'],
        row['countries'],
      ]),
    ).toEqual(expected);
  });

  test.each<[string, (each: ShopEvent) => string, string[]]>([
    ['day', dayAhead(0), []],
    ['day of Tokyo', dayAhead(9), ['--tz', 'Asia/Tokyo']],
    ['country', ({ country }) => country ?? 'unknown', ['--group-by', 'country']],
    ['device, which no file tells', () => 'unknown', ['--group-by', 'device']],
    ['nothing: all together', () => 'all', ['--group-by', 'all']],
  ])('the funnel by %s', async (_, by, args) => {
    const rows = await report('customer_funnel', ...args);
    expect(
      rows.map((row) => [
        row['group'],
        row['visits'],
        row['viewed'],
        row['carted'],
        row['bought'],
        round(row['view_to_cart']),
        round(row['cart_to_purchase']),
        round(row['view_to_purchase']),
        round(row['revenue']),
      ]),
    ).toEqual(
      grouped(all, by).map(([group, of]) => {
        const [viewed, carted] = [visitsWith(of, 'view'), visitsWith(of, 'cart')];
        return [
          group,
          distinct(of.map(({ visit }) => visit)),
          viewed,
          carted,
          visitsWith(of, 'purchase'),
          share(visitsWith(of, 'view', 'cart'), viewed),
          share(visitsWith(of, 'cart', 'purchase'), carted),
          share(visitsWith(of, 'view', 'purchase'), viewed),
          sum(of.map(brought)),
        ];
      }),
    );
  });
});
