import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { toDocument } from '../../src/reports/document.ts';
import { runReport } from '../../src/reports/run-report.ts';
import { scratch, wattduck } from '../support/cli.ts';
import { openEngine } from '../support/duckdb.ts';
import { createReportRunner } from '../warehouse/report-runner.ts';
import { catalogError, frontMatter, frontMatterWith, reportFile, writeFiles } from './report-file.ts';

const path = 'reports/mine/probe.sql';
/** A report with another answer, on line 12 of the file. */
const answering = (answer: string): string => reportFile(frontMatterWith('{ shape: tinybird }', answer));

describe('an invalid answer is rejected', () => {
  test.each([
    [
      'column of a nested object',
      '{ shape: object, nest: { of: { known_as: station } } }',
      'column "station" not found in this report. Did you mean station_id?',
    ],
    [
      'text in a nested object',
      '{ shape: object, nest: { of: { known_as: 1 } } }',
      '"answer.nest.of.known_as" must be a string, not 1',
    ],
    [
      'nested object',
      '{ shape: object, nest: { of: station_id } }',
      '"answer.nest.of" must be key: value pairs, not "station_id"',
    ],
    [
      'column of a list',
      '{ shape: object, list: { key: stations, columns: [station_id, session] } }',
      'column "session" not found in this report. Did you mean sessions?',
    ],
    [
      'key of a list',
      '{ shape: object, list: { columns: [station_id] } }',
      'missing key "answer.list.key". Add it to the front matter.',
    ],
    [
      'columns of a list',
      '{ shape: object, list: { key: stations } }',
      'missing key "answer.list.columns". Add it to the front matter.',
    ],
    [
      'parameter of missing',
      '{ shape: object, missing: { parameter: most, what: station } }',
      'parameter "most" not found in this report. Known: least.',
    ],
    [
      'missing without what',
      '{ shape: object, missing: { parameter: least } }',
      'missing key "answer.missing.what". Add it to the front matter.',
    ],
    [
      'echo in an object',
      '{ shape: object, echo: [least, leats] }',
      'parameter "leats" not found in this report. Did you mean least?',
    ],
    [
      'totals in an object',
      '{ shape: object, totals: { n: count(*) } }',
      'unknown key "answer.totals". Known: shape, echo, nest, list, empty, missing.',
    ],
    [
      'nest in a list',
      '{ shape: list, nest: {} }',
      'unknown key "answer.nest". Known: shape, key, echo, totals, facts, guard, count, missing.',
    ],
    [
      'facts in an object',
      '{ shape: object, facts: { n: 1 } }',
      'unknown key "answer.facts". Known: shape, echo, nest, list, empty, missing.',
    ],
    [
      'guard in an object',
      '{ shape: object, guard: "1" }',
      'unknown key "answer.guard". Known: shape, echo, nest, list, empty, missing.',
    ],
    ['guard that is not SQL', '{ shape: list, guard: "(select" }', /Parser Error/],
    [
      'guard with an unknown table',
      '{ shape: list, guard: (select count(*) from sesions) }',
      /Table with name sesions/,
    ],
    [
      'guard that reads a file',
      `{ shape: list, guard: "(select count(*) from read_csv('/etc/passwd'))" }`,
      /a function in from/,
    ],
    [
      'count in an object',
      '{ shape: object, count: n }',
      'unknown key "answer.count". Known: shape, echo, nest, list, empty, missing.',
    ],
    ['count that is not a name', '{ shape: list, count: true }', '"answer.count" must be a string, not true'],
    [
      'parameter of missing in a list',
      '{ shape: list, missing: { parameter: leats, what: station } }',
      'parameter "leats" not found in this report. Did you mean least?',
    ],
    [
      'unless that is a boolean',
      '{ shape: list, missing: { parameter: least, what: station, unless: true } }',
      '"answer.missing.unless" must be a string, not true',
    ],
    [
      'unless of an object',
      '{ shape: object, missing: { parameter: least, what: station, unless: (select count(*) from statoins) > 0 } }',
      /Table with name statoins/,
    ],
    [
      'unless that is not SQL',
      '{ shape: list, missing: { parameter: least, what: station, unless: "(select" } }',
      /Parser Error/,
    ],
    [
      'unless with an unknown column',
      '{ shape: list, missing: { parameter: least, what: station, unless: sessions > 0 } }',
      /"sessions" was not found/,
    ],
    [
      'unless that reads a file',
      `{ shape: list, missing: { parameter: least, what: station, unless: "(select count(*) from read_csv('/etc/passwd')) > 0" } }`,
      /a function in from/,
    ],
    [
      'unless with a second statement',
      '{ shape: list, missing: { parameter: least, what: station, unless: "true; drop table charging_sessions" } }',
      /./,
    ],
    [
      'empty with an unknown column',
      '{ shape: object, empty: { sesions: "0" } }',
      'column "sesions" not found in this report. Did you mean sessions?',
    ],
    ['empty with a column of the rows', '{ shape: object, empty: { sessions: sessions } }', /"sessions" was not found/],
    ['fact with an unknown column', '{ shape: list, facts: { n: sum(sessions) } }', /"sessions" was not found/],
    [
      'fact that reads a file',
      `{ shape: list, facts: { n: "(select count(*) from read_csv('/etc/passwd'))" } }`,
      /a function in from/,
    ],
    [
      'fact with a view that the report does not read',
      '{ shape: list, facts: { n: (select count(*) from offline_periods) } }',
      /Table with name offline_periods/,
    ],
    [
      'total with a view that the report does not read',
      '{ shape: list, totals: { n: (select count(*) from offline_periods) } }',
      /Table with name offline_periods/,
    ],
    ['key in the Tinybird document', '{ shape: tinybird, key: data }', 'unknown key "answer.key". Known: shape.'],
    ['shape', '{ shape: lst }', 'invalid value "lst" for "answer.shape". Did you mean list?'],
    ['missing shape', '{ key: data }', 'invalid value "undefined" for "answer.shape". Known: tinybird, list, object.'],
    [
      'total that closes the statement',
      '{ shape: list, totals: { n: "count(*) from charging_sessions) --" } }',
      /syntax error at or near "\)"/,
    ],
  ])('%s', async (_, answer, expected) => {
    const line = await catalogError(answering(answer));
    if (typeof expected === 'string') expect(line).toBe(`${path}:12: ${expected}`);
    else {
      expect(line).toMatch(/^reports\/mine\/probe\.sql:12: /);
      expect(line).toMatch(expected);
    }
  });

  test.each([
    ['nest', '{ shape: object, nest: { of: { known_as: station_id } } }'],
    ['list', '{ shape: object, list: { key: stations, columns: [station_id] } }'],
  ])('hidden column in a %s', async (_, answer) => {
    const lines = frontMatterWith('{ shape: tinybird }', answer).map((line) =>
      line.replace('description: Station }', 'description: Station, hidden: true }'),
    );
    expect(await catalogError(reportFile(lines))).toBe(
      `${path}:12: column "station_id" not found in this report. Known: sessions.`,
    );
  });

  test('flag of a number', async () => {
    expect(
      await catalogError(reportFile(frontMatterWith('description: Station }', 'description: Station, numeric: 1 }'))),
    ).toBe(`${path}:7: "columns.station_id.numeric" must be true or false, not 1`);
  });
});

describe('other reports and paths', () => {
  test('the report under explain must exist', async () => {
    const explained = (name: string): string => reportFile([...frontMatter, `explain: ${name}`]);
    expect(await catalogError(explained('get_sesions'))).toBe(
      `${path}:13: report "get_sesions" not found. Did you mean get_sessions?`,
    );
    expect(await catalogError(explained('get_sessions'))).toBe('none');
    // In either order of reading.
    expect(await catalogError({ 'reports/mine/a.sql': explained('b'), 'reports/mine/b.sql': reportFile() })).toBe(
      'none',
    );
  });

  test('a name in an HTTP path must be a parameter', async () => {
    expect(await catalogError(reportFile([...frontMatter, 'http: "/api/v1/stations/{leats}"']))).toBe(
      `${path}:13: parameter "leats" not found in this report. Did you mean least?`,
    );
    expect(
      await catalogError(reportFile([...frontMatter, 'http: [/v0/pipes/probe.json, "/api/v1/{least}/{most}"]'])),
    ).toBe(`${path}:13: parameter "most" not found in this report. Known: least.`);
    expect(
      await catalogError(reportFile([...frontMatter, 'http: ["/api/v1/stations/{least}", /v0/pipes/probe.json]'])),
    ).toBe('none');
  });
});

const report = (answer: string, columns: readonly string[], sql: string, page = 'none'): string => `/*---
title: T
description: D.
http: "/api/v1/stations/{station_id}/of/{user_id}"
params:
  station_id: { description: Station, example: A }
  user_id: { description: User }
columns:
${columns.map((name) => `  ${name}: { description: C, nullable: true${name === 'number' ? ', numeric: true' : ''} }`).join('\n')}
key: [session_id]
sort: { default: session_id, allow: [] }
page: { kind: ${page}${page === 'none' ? '' : ', default: 1, max: 9'} }
answer: ${answer}
---*/
${sql}
from charging_sessions
where ($station_id::varchar is null or station_id = $station_id::varchar) and ($user_id::varchar is null or user_id = $user_id::varchar)
`;
const all = 'select session_id, station_id as number, energy_kwh, amount_paid, user_id as who, end_time as ended_at';
const columns = ['session_id', 'number', 'energy_kwh', 'amount_paid', 'who', 'ended_at'];
const object = `
  shape: object
  echo: [user_id, station_id]
  nest: { what: { money: amount_paid, energy: energy_kwh } }
  list: { key: people, columns: [who, ended_at] }
  missing: { parameter: station_id, what: station }`;
const texts = {
  whole: report(object, columns, all),
  listed: report(
    '{ shape: list, echo: [station_id], totals: { kwh: "coalesce(sum(energy_kwh), 0)", mean: avg(energy_kwh), n: count(*) } }',
    columns,
    all,
    'limit',
  ),
};
const { run, insertSessions } = await createReportRunner(texts);
const text = async (name: string, given: Record<string, string> = {}): Promise<string> =>
  JSON.stringify(toDocument(await run(name, given)));
const rows = [
  {
    session_id: 'a',
    station_id: '7',
    user_id: 'ann',
    energy_kwh: 4,
    amount_paid: 2.5,
    end_time: '2024-01-01 11:00:00',
  },
  { session_id: 'b', station_id: '7', energy_kwh: 6, end_time: '2024-01-01 12:00:00' },
  { session_id: 'c', station_id: '007', user_id: 'cat' },
];

describe('an object', () => {
  test('has its echo, columns, nested objects and list, in this order', async () => {
    await insertSessions(rows);
    // The columns are those of the first row, a. Row b has no user, so it is not in the list.
    expect(await text('whole', { station_id: '7' })).toBe(
      '{"user_id":null,"station_id":"7","session_id":"a","number":7,"what":{"money":2.5,"energy":4},"people":[{"who":"ann","ended_at":"2024-01-01T11:00:00Z"}]}',
    );
  });

  test('keeps nulls, and an empty list', async () => {
    await insertSessions(rows.slice(1, 2));
    expect(await text('whole')).toBe(
      '{"user_id":null,"station_id":null,"session_id":"b","number":7,"what":{"money":null,"energy":6},"people":[]}',
    );
  });

  test('lists all rows, not only the first', async () => {
    await insertSessions(rows);
    expect(JSON.parse(await text('whole'))).toMatchObject({
      session_id: 'a',
      people: [{ who: 'ann' }, { who: 'cat', ended_at: null }],
    });
  });

  test.each([
    ['7', 7],
    ['0', 0],
    ['007', '007'],
    ['-7', '-7'],
    ['7.0', '7.0'],
    ['', ''],
    ['999999999999999', 999_999_999_999_999],
    // More digits than a number can hold.
    ['9007199254740993', '9007199254740993'],
  ])('with a numeric column: %j is %j', async (written, expected) => {
    await insertSessions([{ session_id: 'a', station_id: written }]);
    expect(JSON.parse(await text('whole'))).toMatchObject({ number: expected });
  });

  test('that does not exist is an error with the value of its parameter', async () => {
    await insertSessions(rows);
    await expect(run('whole', { station_id: '8' })).rejects.toMatchObject({
      kind: 'not_found',
      fullMessage: 'station "8" not found. IDs and names are case-sensitive.',
    });
  });
});

describe('a list', () => {
  test('has its echo, rows, and totals over all rows, in this order', async () => {
    await insertSessions(rows);
    // One of the two rows at station 7 is shown; the total of 4 + 6 kWh counts both.
    expect(await text('listed', { station_id: '7' })).toBe(
      '{"station_id":"7","data":[{"session_id":"a","number":7,"energy_kwh":4,"amount_paid":2.5,"who":"ann","ended_at":"2024-01-01T11:00:00Z"}],"kwh":10,"mean":5,"n":2,"truncated":true}',
    );
  });

  test('without rows is empty, with totals of no rows', async () => {
    await insertSessions([]);
    expect(await text('listed')).toBe('{"station_id":null,"data":[],"kwh":0,"mean":null,"n":0}');
  });
});

describe('a list that counts', async () => {
  const counted = `/*---
title: T
description: D.
params:
  place: { description: Place, required: true }
  least: { description: Least energy, default: 0 }
columns:
  energy_kwh: { description: E }
  station_id: { description: S }
  session_id: { description: I, hidden: true }
key: [session_id]
sort: { default: -energy_kwh, allow: [energy_kwh] }
page: { kind: take_skip, default: 2, max: 9 }
answer:
  shape: list
  key: found
  echo: [place]
  count: how_many
  totals: { kwh: "coalesce(sum(energy_kwh), 0)", last_id: max(session_id) }
  facts: { users: (select count(distinct user_id) from at_place), paid: "(select coalesce(sum(amount_paid), 0) from charging_sessions)" }
  guard: "(select bounded_buckets(case when count(distinct currency) > 1 then 10001 else 1 end) from at_place)"
  missing: { parameter: place, what: place, unless: "(select count(*) from charging_sessions where location = $place::varchar) > 0" }
---*/
select energy_kwh, station_id, session_id
from at_place
where energy_kwh >= $least::double`;
  const atPlace = `/*---
title: V
description: D.
params:
  place: { description: Place }
---*/
select * from charging_sessions where location = $place::varchar`;
  const files = {
    'views/at_place.sql': atPlace,
    'reports/mine/counted.sql': counted,
    'reports/mine/grouped.sql': `/*---
title: T
description: D.
params: { place: { description: Place, required: true } }
columns:
  kwh: { description: E }
  station_id: { description: S }
key: [station_id]
sort: { default: -kwh, allow: [kwh] }
page: { kind: limit, default: 1, max: 9 }
answer: { shape: list, count: n, totals: { most: "(select max(energy_kwh) from at_place)", all: "coalesce(sum(kwh), 0)" } }
---*/
select sum(energy_kwh) as kwh, station_id from at_place group by station_id`,
  };
  const { duckdb, catalog } = await openEngine([writeFiles(scratch(), files)]);
  const context = { now: new Date('2026-01-01T00:00:00Z'), label: (name: string) => name };
  const answer = async (name: string, given: Record<string, string>): Promise<string> =>
    JSON.stringify(toDocument(await runReport(duckdb, await catalog.report(name), given, context)));

  beforeAll(() =>
    duckdb.run(`insert into charging_sessions (session_id, station_id, location, user_id, start_time, energy_kwh, amount_paid, currency, "timestamp") values
    ('a', 'A', 'Pier', 'ann', timestamp '2024-01-01', 4, 1, 'EUR', timestamp '2024-01-01'), ('b', 'A', 'Pier', 'bob', timestamp '2024-01-01', 6, 2, null, timestamp '2024-01-01'),
    ('c', 'B', 'Pier', 'ann', timestamp '2024-01-01', 5, 4, 'EUR', timestamp '2024-01-01'), ('d', 'B', 'Dock', 'cat', timestamp '2024-01-01', 9, 8, 'EUR', timestamp '2024-01-01'),
    ('e', 'C', 'Quay', 'cat', timestamp '2024-01-01', 1, 0, 'GBP', timestamp '2024-01-01'), ('f', 'C', 'Quay', 'cat', timestamp '2024-01-01', 2, 0, 'EUR', timestamp '2024-01-01')`),
  );

  // At Pier: 6 of b, 5 of c and 4 of a; users ann and bob; 1 + 2 + 4 + 8 paid in total.
  test.each([
    [
      {},
      '{"place":"Pier","found":[{"energy_kwh":6,"station_id":"A"},{"energy_kwh":5,"station_id":"B"}],"how_many":3,"truncated":true,"kwh":15,"last_id":"c","users":2,"paid":15}',
    ],
    [
      { skip: '2' },
      '{"place":"Pier","found":[{"energy_kwh":4,"station_id":"A"}],"how_many":3,"truncated":false,"kwh":15,"last_id":"c","users":2,"paid":15}',
    ],
    [
      { skip: '3' },
      '{"place":"Pier","found":[],"how_many":3,"truncated":false,"kwh":15,"last_id":"c","users":2,"paid":15}',
    ],
    [
      { least: '7' },
      '{"place":"Pier","found":[],"how_many":0,"truncated":false,"kwh":0,"last_id":null,"users":2,"paid":15}',
    ],
  ])('always has the count and whether it is truncated: %j', async (given, expected) => {
    expect(await answer('counted', { place: 'Pier', ...given })).toBe(expected);
  });

  test('without rows is empty for a known place, and an error for an unknown one', async () => {
    await expect(answer('counted', { place: 'Moon' })).rejects.toMatchObject({
      kind: 'not_found',
      message: 'place "Moon" not found',
    });
    expect(await answer('counted', { place: 'Dock', least: '10' })).toBe(
      '{"place":"Dock","found":[],"how_many":0,"truncated":false,"kwh":0,"last_id":null,"users":1,"paid":15}',
    );
  });

  test('is an error if its guard fails, on every page', async () => {
    const refused = {
      kind: 'usage',
      fullMessage: 'more than 10,000 days, weeks or months in the period. Choose a shorter period.',
    };
    for (const given of [{}, { take: '1' }, { skip: '5' }, { least: '9' }])
      await expect(answer('counted', { place: 'Quay', ...given })).rejects.toMatchObject(refused);
  });

  test('of groups can total over one of its views', async () => {
    expect(await answer('grouped', { place: 'Pier' })).toBe(
      '{"data":[{"kwh":10,"station_id":"A"}],"n":2,"truncated":true,"most":6,"all":15}',
    );
    expect(await answer('grouped', { place: 'Moon' })).toBe('{"data":[],"n":0,"truncated":false,"most":null,"all":0}');
  });
});

describe('on the command line', () => {
  const folder = scratch();
  const [db, csv] = [join(folder, 'x.duckdb'), join(folder, 'x.csv')];
  const own = writeFiles(
    join(folder, 'sql'),
    Object.fromEntries(Object.entries(texts).map(([name, sql]) => [`reports/mine/${name}.sql`, sql])),
  );
  const whole = async (...args: string[]) => {
    writeFileSync(
      csv,
      'session_id,station_id,user_id,start_time\na,7,ann,2024-01-01 10:00\nb,7,bob,2024-01-01 10:00\nc,8,ann,2024-01-01 10:00\n',
    );
    expect((await wattduck(['ingest', csv, '--db', db])).status).toBe(0);
    const { status, stdout, stderr } = await wattduck([
      'report',
      'whole',
      ...args,
      '--sql-dir',
      own,
      '--db',
      db,
      '--format',
      'csv',
      '--columns',
      'session_id',
    ]);
    return [status, stdout, stderr];
  };

  test('parameters of the path can be arguments, in the order of the path', async () => {
    expect(await whole('7')).toEqual([0, 'session_id\na\nb\n', '']);
    expect(await whole('7', 'bob')).toEqual([0, 'session_id\nb\n', '']);
    expect(await whole('--station-id', '8')).toEqual([0, 'session_id\nc\n', '']);
    expect(await whole('9')).toEqual([1, '', 'error: station "9" not found. IDs and names are case-sensitive.\n']);
  });

  test('extra arguments are rejected', async () => {
    expect(await whole('7', 'bob', 'x')).toEqual([
      2,
      '',
      'error: too many arguments. Expected 2 arguments but got 3.\n',
    ]);
  });

  test('help shows arguments and options', async () => {
    const { stdout } = await wattduck(['report', 'whole', '--help', '--sql-dir', own]);
    expect(stdout).toMatch(/^Usage: wattduck report whole \[options\] \[station-id\] \[user-id\]$/m);
    expect(stdout).toMatch(/^ +station-id +Same as --station-id$/m);
    expect(stdout).toMatch(/^ +wattduck report whole A USER-ID$/m);
  });
});
