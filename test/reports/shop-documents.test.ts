import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { scratch, wattduck } from '../support/cli.ts';
import { importFiles } from '../support/import-files.ts';

const db = join(scratch(), 'shop.duckdb');

beforeAll(async () => {
  await importFiles(['test/reports/data/shop/customer_events.csv'], db);
});

type Column = [name: string, type: string, value: unknown];

const event: Column[] = [
  ['product_id', 'Nullable(String)', 'p4'],
  ['category_id', 'Nullable(String)', 'books'],
  ['price', 'Nullable(Float64)', 12],
  ['quantity', 'Nullable(Int64)', 1],
];
const [page, device, country]: Column[] = [
  ['page_url', 'Nullable(String)', '/pay'],
  ['device_type', 'Nullable(String)', 'mobile'],
  ['country', 'Nullable(String)', 'US'],
];

/** One row of each report, computed by hand, and the total number of rows. */
test.each<[string, string[], number, Column[]]>([
  [
    'customer_purchase_history',
    ['--customer-id', 'cat'],
    1,
    [
      ['event_id', 'String', 'e15'],
      ['event_timestamp', 'DateTime', '2023-07-01 00:05:00'],
      ...event,
      ['total_amount', 'Nullable(Float64)', 12],
      ['running_total', 'Float64', 12],
      page!,
      device!,
      country!,
    ],
  ],
  [
    'customer_activity',
    ['--customer-id', 'cat', '--limit', '1'],
    3,
    [
      ['event_id', 'String', 'e15'],
      ['event_timestamp', 'DateTime', '2023-07-01 00:05:00'],
      ['event_type', 'String', 'purchase'],
      ['session_id', 'Nullable(String)', 's5'],
      page!,
      ...event,
      device!,
      country!,
      ['referrer', 'Nullable(String)', null],
      ['user_agent', 'Nullable(String)', null],
    ],
  ],
  // The most frequent device and country come first, ties by name.
  [
    'customer_behavioral_analysis',
    ['--sort=-revenue', '--start-date', '2023-03-05', '--end-date', '2023-03-05', '--limit', '1'],
    5,
    [
      ['date', 'Date', '2023-03-05'],
      ['event_type', 'String', 'purchase'],
      ['events', 'UInt64', 3],
      ['customers', 'UInt64', 1],
      ['sessions', 'UInt64', 1],
      ['revenue', 'Float64', 62.5],
      ['view_to_purchase', 'Nullable(Float64)', 0.333333],
      ['devices', 'JSON', { mobile: 2, unknown: 1 }],
      ['countries', 'JSON', { US: 2, DE: 1 }],
    ],
  ],
  [
    'customer_funnel',
    ['--start-date', '2023-05-02', '--end-date', '2023-05-02'],
    1,
    [
      ['group', 'String', '2023-05-02'],
      ['visits', 'UInt64', 1],
      ['viewed', 'UInt64', 1],
      ['carted', 'UInt64', 0],
      ['bought', 'UInt64', 1],
      ['view_to_cart', 'Nullable(Float64)', 0],
      ['cart_to_purchase', 'Nullable(Float64)', null],
      ['view_to_purchase', 'Nullable(Float64)', 1],
      ['revenue', 'Float64', 20],
    ],
  ],
])('the document of %s %j', async (name, args, total, columns) => {
  const { status, stdout, stderr } = await wattduck(['report', name, ...args, '--json', '--db', db]);
  expect(status, stderr).toBe(0);
  const { statistics, ...document } = JSON.parse(stdout) as Record<string, unknown>;
  // Compared as text, because the order of keys matters.
  expect(JSON.stringify(document, null, 1)).toBe(
    JSON.stringify(
      {
        meta: columns.map(([column, type]) => ({ name: column, type })),
        data: [Object.fromEntries(columns.map(([column, , value]) => [column, value]))],
        rows: 1,
        rows_before_limit_at_least: total,
      },
      null,
      1,
    ),
  );
  expect(statistics).toMatchObject({ rows_read: 31 });
});
