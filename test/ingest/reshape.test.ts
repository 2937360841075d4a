import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import { describe, expect, test } from 'vitest';
import { scratch, wattduck } from '../support/cli.ts';
import { engineDatabase } from '../support/engine-database.ts';

const folder = scratch();
let made = 0;

/** Imports a content with a mapping of the user. */
async function imported(frontMatter: readonly string[], select: string, content: string, ending = 'csv') {
  const sqlDir = mkdtempSync(join(folder, 'own-'));
  mkdirSync(join(sqlDir, 'mappings'));
  const head = ['title: Ours', 'description: Our export.', 'source: customer_events', ...frontMatter];
  writeFileSync(
    join(sqlDir, 'mappings', 'ours.sql'),
    ['/*---', ...head, '---*/', `select ${select} from input`].join('\n'),
  );
  const path = join(folder, `file-${(made += 1)}.${ending}`);
  writeFileSync(path, content);
  const db = join(folder, `db-${made}.duckdb`);
  const run = (...args: string[]) => wattduck([...args, '--db', db, '--sql-dir', sqlDir]);
  const result = await run('ingest', path);
  const rows = async (columns: string): Promise<string[]> =>
    (await run('sql', `select ${columns} from customer_events order by event_id`, '--format', 'csv')).stdout
      .trim()
      .split('\n')
      .slice(1);
  return { ...result, run, rows };
}

describe('fill_down', () => {
  const head = ['detect_by: [Order, Mail, Item]', 'fill_down: { by: Order, columns: [Mail, Day] }'];
  const select = `"Order" || '/' || "Item" as event_id, "Mail" as customer_id, 'purchase' as event_type, "Day" as event_timestamp, "Item" as product_id`;

  test('fills empty cells of a group, and of no other', async () => {
    const { stdout, rows } = await imported(
      head,
      select,
      'Order,Mail,Day,Item\n1,a@x,2024-01-05,p\n1,,,"q\nr"\n1,b@x, ,s\n1,,,t\n2,,2024-01-06,p\n2,,,q\n1,,2024-01-07,u\n',
    );
    expect(stdout).toContain('7 rows read = 7 new + 0 updated');
    expect(
      await rows(`replace(event_id, chr(10), '|') as id, customer_id, strftime(event_timestamp, '%m-%d') as day`),
    ).toEqual([
      '1/p,a@x,01-05',
      '1/q|r,a@x,01-05',
      '1/s,b@x,01-05',
      '1/t,b@x,01-05',
      '1/u,,01-07',
      '2/p,,01-06',
      '2/q,,01-06',
    ]);
  });

  test('does not fill rows without a group, and rejects rows that do not fit the header', async () => {
    const { stdout, stderr, rows } = await imported(
      head,
      select,
      'Order,Mail,Day,Item\n1,a@x,2024-01-05,p\n,,,q\n1,,r\n',
    );
    expect(stdout).toContain('3 rows read = 1 new + 0 updated + 0 unchanged + 0 superseded + 2 rejected');
    expect(stderr).toContain('event_timestamp is missing');
    expect(await rows('event_id')).toEqual(['1/p']);
  });

  test('rows corrected in an export are imported with their filled cells', async () => {
    const { run, rows } = await imported(head, select, 'Order,Mail,Day,Item\n1,a@x,soon,p\n1,,,q\n');
    const rejected = parse<Record<string, string>>((await run('quarantine', 'export')).stdout, { columns: true });
    const path = join(folder, `corrected-${made}.csv`);
    const corrected = rejected.map((row) => ({ ...row, raw: row['raw']!.replace('soon', '2024-01-05') }));
    writeFileSync(path, stringify(corrected, { header: true }));
    expect((await run('quarantine', 'retry', path)).stdout).toContain('2 rows read = 2 new');
    expect(await rows('event_id, customer_id')).toEqual(['1/p,a@x', '1/q,a@x']);
  });
});

describe('unpivot of named columns', () => {
  const head = [
    'detect_by: [id, day, paid, back]',
    'unpivot: { name: kind, value: amount, columns: [paid, back] }',
    `skip_when: kind = 'back' and amount is null`,
  ];
  const select = `"id" || '/' || kind as event_id, case kind when 'paid' then 'purchase' else 'refund' end as event_type, "day" as event_timestamp, amount as price`;
  const expected = ['1/back,refund,2', '1/paid,purchase,10', '2/paid,purchase,5'];

  test('makes rows of them alone, whatever other columns a CSV file has', async () => {
    const { stdout, stderr, rows } = await imported(
      head,
      select,
      'id,day,note,paid,back\n1,2024-01-05,x,10,2\n2,2024-01-05,y,5,\n3,2024-01-05,z,many,\n',
    );
    expect(stdout).toContain('6 rows read = 3 new + 0 updated + 0 unchanged + 0 superseded + 1 rejected + 2 skipped');
    expect(stderr).toContain('price "many" is not a valid number');
    expect(await rows('event_id, event_type, price::int as price')).toEqual(expected);
  });

  test('makes rows of keys of JSON records; other lines are rejected', async () => {
    const { stdout, stderr, rows } = await imported(
      head,
      select,
      '{"id": 1, "day": "2024-01-05", "paid": 10, "back": 2}\n[1]\n{"id": 2, "day": "2024-01-05", "paid": 5}\n{"id": 9007199254740993, "day": "soon", "paid": 1, "back": null}\nno json\n{}\n',
      'ndjson',
    );
    // Two cells of each of four records, and two other lines.
    expect(stdout).toContain('10 rows read = 3 new + 0 updated + 0 unchanged + 0 superseded + ');
    expect(stderr).toContain('not a JSON object');
    expect(await rows('event_id, event_type, price::int as price')).toEqual(expected);
  });
});

test.each([
  [['fill_down: { by: Order }'], 'fill_down.columns'],
  [['fill_down: { by: Order, columns: Mail }'], 'fill_down.columns'],
  [['unpivot: { name: kind, value: amount, columns: [1] }'], 'unpivot.columns'],
  [['unpivot: { name: kind, value: amount, column: [a] }'], 'unpivot.column'],
])('%s is an error', async (lines, key) => {
  const { status, stderr } = await imported(
    ['detect_by: [Order]', ...lines],
    `"Order" as event_type, "Order" as event_timestamp`,
    'Order\n1\n',
  );
  expect(status).not.toBe(0);
  expect(stderr).toContain(key);
});

test('ignored fields that start with * stand for any text before them', async () => {
  const header = 'id,Created date (UTC),Amount,Amount Refunded,Currency,Captured,Status';
  const row = 'ch_1,2024-03-01 10:00:00,20.00,0.00,usd,true,Paid';
  const path = join(folder, 'stripe.csv');
  const ingest = async (name: string) => {
    writeFileSync(path, `${header},${name}\n${row},x\n`);
    return wattduck(['ingest', path, '--db', join(folder, 'stripe.duckdb'), '--force']);
  };
  expect((await ingest('customer_id (metadata)')).stdout).toContain('customer_events by stripe_payments');
  expect((await ingest('customer_id (meta)')).stderr).toContain(
    'not recognized because of the columns customer_id (meta)',
  );
});

test('rows sent one by one are not unpivoted', async () => {
  const { content } = await engineDatabase();
  const charge = {
    id: 'ch_1',
    object: 'charge',
    amount: 1,
    amount_captured: 1,
    amount_refunded: 0,
    captured: true,
    created: 1709287200,
    currency: 'eur',
    customer: 'c',
    payment_intent: 'p',
    refunded: false,
    status: 'succeeded',
  };
  expect((await content('rows.ndjson', JSON.stringify(charge))).mapping).toBe('stripe_charges');
  await expect(content('rows.ndjson', JSON.stringify(charge), { rowByRow: true })).rejects.toThrow(
    'layout not recognized',
  );
});
