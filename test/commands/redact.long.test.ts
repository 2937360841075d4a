import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { scratch, wattduck } from '../support/cli.ts';

const folder = scratch();
const db = join(folder, 'people.duckdb');

/** Texts in the files below that identify a person. */
const personalTexts = [
  'ada@example.com',
  'Adelheid',
  'Winterberg',
  '1990-05-04',
  'Bertram Card',
  'fleet of Bertram',
  'Session Holder',
  'note of the holder',
  'raw-secret',
  'frame-secret',
  'zoe@example.com',
];

const files: Record<string, string> = {
  'profiles.csv':
    'customer_id,email,first_name,last_name,birth_date,age,signup_date,customer_segment\nc-1,ada@example.com,Adelheid,Winterberg,1990-05-04,35,2025-01-01,Guests\nc-2,zoe@example.com,Zoe,Zet,1990-01-01,about-forty,2025-01-01,Guests\n',
  'tags.csv': 'id_tag,valid,name,additional_information\nT1,true,Bertram Card,fleet of Bertram\n',
  'sessions.ndjson': [
    {
      session_id: 's-1',
      station_id: 'cp-1',
      site_id: 'site-1',
      start_time: '2025-01-01 10:00:00',
      end_time: '2025-01-01 11:00:00',
      energy_kwh: 5,
      rfid: 'T1',
      rfid_name: 'Session Holder',
      rfid_additional_information: 'note of the holder',
      transaction_data: { token: 'raw-secret' },
    },
    {
      session_id: 's-2',
      station_id: 'cp-1',
      site_id: 'site-1',
      start_time: '2025-01-02 10:00:00',
      end_time: '2025-01-02 11:00:00',
      energy_kwh: 5,
      rfid: 'T1',
    },
  ]
    .map((row) => JSON.stringify(row))
    .join('\n'),
  'events.ndjson': JSON.stringify({
    charge_point_id: 'cp-1',
    event_type: 'heartbeat',
    event_timestamp: '2025-01-01 10:00:00',
    payload: { who: 'frame-secret' },
  }),
};

const run = async (...args: string[]): Promise<string> => {
  const { status, stdout, stderr } = await wattduck([...args, '--db', db]);
  expect(status, stderr).toBe(0);
  return stdout;
};

beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  await run('ingest', ...Object.keys(files).map((name) => join(folder, name)));
});

const period = ['--from', '2025-01-01', '--to', '2025-01-31'];
const answers: [what: string, args: string[], texts: string[]][] = [
  [
    'a report',
    ['report', 'segment-customers', '--segment-name', 'Guests'],
    ['ada@example.com', 'Adelheid', 'Winterberg'],
  ],
  [
    'charging events',
    ['report', 'charging-events', 'site-1', ...period],
    ['Bertram Card', 'fleet of Bertram', 'Session Holder', 'note of the holder', 'raw-secret'],
  ],
  ['a select', ['sql', 'from customer_profiles'], ['ada@example.com', '1990-05-04']],
  [
    'a select of tags',
    ['sql', 'select name, additional_information from id_tags'],
    ['Bertram Card', 'fleet of Bertram'],
  ],
  ['a select of frames', ['sql', 'select payload from charge_point_events'], ['frame-secret']],
  [
    'a select that names its columns otherwise',
    [
      'sql',
      "select upper(left(email, 3)) || substr(lower(email), 4) as x, replace(email, 'ada', 'ADA') as y from customer_profiles",
    ],
    ['ADA@example.com'],
  ],
  ['rejected rows', ['quarantine', 'show'], ['zoe@example.com']],
  ['a select of rejected rows', ['sql', 'select age, c__error from customer_profiles_quarantine'], ['about-forty']],
];

describe.each(answers)('%s', (_, args, texts) => {
  test.each([['json'], ['ndjson'], ['csv'], ['markdown'], ['table']])('as %s', async (format) => {
    const wide = format === 'table' ? ['--wide'] : [];
    const open = await run(...args, '--format', format, ...wide);
    for (const text of texts) expect(open).toContain(text);
    const hidden = await run(...args, '--format', format, ...wide, '--redact');
    for (const text of [...personalTexts, ...texts]) expect(hidden.toLowerCase()).not.toContain(text.toLowerCase());
    expect(hidden).toMatch(/redacted/i);
  });
});

describe('imports', () => {
  const profiles = join(folder, 'profiles.csv');
  test.each([
    ['', []],
    ['--dry-run', ['ada@example.com']],
    ['--json', []],
    ['--dry-run --json', ['ada@example.com']],
    ['--strict', []],
  ])('%s', async (more, texts) => {
    const at = (name: string): string[] => [
      'ingest',
      profiles,
      ...more.split(' ').filter((each) => each !== ''),
      '--db',
      join(folder, `${name}${more}.duckdb`),
    ];
    const open = await wattduck(at('open'));
    for (const text of [...texts, 'about-forty']) expect(open.stdout + open.stderr).toContain(text);
    const hidden = await wattduck([...at('hidden'), '--redact']);
    expect(hidden.status).toBe(open.status);
    for (const text of [...personalTexts, 'about-forty']) expect(hidden.stdout + hidden.stderr).not.toContain(text);
  });

  test('stored data is complete', async () => {
    const other = join(folder, 'whole.duckdb');
    await wattduck(['ingest', profiles, '--redact', '--db', other]);
    expect(
      (await wattduck(['sql', 'select email from customer_profiles', '--format', 'csv', '--db', other])).stdout,
    ).toBe('email\nada@example.com\n');
    expect(
      (await wattduck(['quarantine', 'show', '--format', 'csv', '--columns', 'value', '--db', other])).stdout,
    ).toBe('value\nabout-forty\n');
  });
});

test('empty values stay empty, and values that do not name a person stay unchanged', async () => {
  const [one, two] = JSON.parse(
    await run(
      'report',
      'charging-events',
      'site-1',
      ...period,
      '--sort',
      'occurrence_time',
      '--sort-order',
      'asc',
      '--redact',
      '--json',
    ),
  ).charging_events as Record<string, unknown>[];
  expect(one).toMatchObject({
    rfid: 'T1',
    rfid_name: '[redacted]',
    rfid_additional_information: '[redacted]',
    transaction_data: { redacted: true },
    energy_consumed: 5,
  });
  expect(two).toMatchObject({ rfid: 'T1', rfid_name: '[redacted]', transaction_data: null });
});

test('searches match only the redacted values', async () => {
  const found = async (...more: string[]): Promise<unknown> =>
    JSON.parse(await run('report', 'charging-events', 'site-1', ...period, '--search', 'bertram', '--json', ...more))
      .count;
  expect(await found()).toBe(1);
  expect(await found('--redact')).toBe(0);
});

test('the environment variable applies to every command', async () => {
  const { stdout } = await wattduck(['sql', 'select email from customer_profiles', '--json', '--db', db], {
    env: { WATTDUCK_REDACT: '1' },
  });
  expect(JSON.parse(stdout)).toEqual([{ email: '[redacted]' }]);
});

test('--all', async () => {
  const out = join(folder, 'all.csv');
  await run('report', 'segment-customers', '--segment-name', 'Guests', '--all', '--redact', '-o', out);
  expect(readFileSync(out, 'utf8').split('\n')[1]).toMatch(/^c-1,profile,\[redacted\],\[redacted\],\[redacted\],35,/);
});

const byName = 'Use the name of the table alone.';
const functionsInFrom = 'Allowed: range, generate_series, unnest, json_each, json_tree.';

test.each([
  ['from db.customer_profiles', `table db.customer_profiles is named with a database or schema. ${byName}`],
  [
    'select * from "db"."main"."customer_profiles"',
    `table db.main.customer_profiles is named with a database or schema. ${byName}`,
  ],
  [
    "from query_table('db.main.customer_profiles')",
    `function query_table() is not allowed in from. ${functionsInFrom}`,
  ],
  ["from query('from d' || 'b.customer_profiles')", `function query() is not allowed in from. ${functionsInFrom}`],
  [`from read_blob('${db}')`, `function read_blob() is not allowed in from. ${functionsInFrom}`],
  [
    'with people as (from db.customer_profiles) select email from people',
    `table db.customer_profiles is named with a database or schema. ${byName}`,
  ],
])('a workaround is rejected: %s', async (statement, said) => {
  const { status, stdout, stderr } = await wattduck(['sql', statement, '--redact', '--db', db]);
  expect({ status, stdout, stderr }).toEqual({ status: 2, stdout: '', stderr: `error: ${said}\n` });
});

test('table names match in any case', async () => {
  const { stdout } = await wattduck(['sql', 'select email from Customer_PROFILES', '--redact', '--json', '--db', db]);
  expect(JSON.parse(stdout)).toEqual([{ email: '[redacted]' }]);
});
