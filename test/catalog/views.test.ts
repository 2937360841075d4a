import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { scratch, wattduck } from '../support/cli.ts';
import { openEngine } from '../support/duckdb.ts';
import { runReport } from '../../src/reports/run-report.ts';
import { catalogError, frontMatter, frontMatterWith, reportFile, statement, writeFiles } from './report-file.ts';

/** A view: its statement begins on line 5, or one line later for each line of parameters. */
const view = (sql: string, ...params: string[]): string =>
  ['/*---', 'title: V', 'description: D.', ...params, '---*/', sql, ''].join('\n');
const least = ['params:', '  least: { description: At least so much of it }'];
/** Sessions with a minimum energy, set by a parameter. */
const strong = view(
  'select station_id, energy_kwh\nfrom charging_sessions\nwhere energy_kwh >= $least::double',
  ...least,
);
const overView = (name: string): string => statement.replace('charging_sessions', name);
const issue = (from: string, swap: [string, string] = ['', '']): string =>
  view(
    `select 'billing' as type, 'low' as severity, station_id, connector_id, session_id, start_time as created_at,
  null::timestamp as resolved_at, 'Dear' as description
from ${from}`.replace(...swap),
  );

describe('a view', () => {
  const of = (lines: readonly string[], sql: string) =>
    openEngine([
      writeFiles(scratch(), {
        'views/strong.sql': strong,
        'views/stronger.sql': view('select station_id from strong where energy_kwh > 1'),
        'reports/mine/probe.sql': reportFile(lines, sql),
      }),
    ]);

  test('passes its parameters, and those of views it reads, to a report', async () => {
    const lines = frontMatter.filter((line) => !/params|least/.test(line));
    const sql = 'select station_id, count(*) as sessions from stronger group by station_id';
    const { catalog } = await of(lines, sql);
    const report = await catalog.report('probe');
    expect(report.parameters.filter(({ inSql }) => inSql)).toEqual([
      { name: 'least', type: 'DOUBLE', description: 'At least so much of it', required: false, inSql: true },
    ]);
    expect(report.views.map(({ name }) => name)).toEqual(['strong', 'stronger']);
    expect(report.tables).toContain('charging_sessions');
  });

  test('describes all its columns in their order, or none', async () => {
    const described = view(
      'select energy_kwh, station_id from charging_sessions',
      'columns:',
      '  station_id: { description: Where }',
      '  energy_kwh: { description: How much, unit: kWh, nullable: true }',
    );
    const { catalog } = await openEngine([
      writeFiles(scratch(), { 'views/described.sql': described, 'views/strong.sql': strong }),
    ]);
    const views = await catalog.views();
    expect(views.find(({ name }) => name === 'described')?.columns).toEqual([
      { name: 'energy_kwh', type: 'DECIMAL(18,6)', description: 'How much', unit: 'kWh', nullable: true },
      { name: 'station_id', type: 'VARCHAR', description: 'Where', nullable: false },
    ]);
    expect(views.find(({ name }) => name === 'strong')?.columns).toEqual([]);
  });

  test("the report's own description of a parameter wins", async () => {
    const { catalog } = await of(
      frontMatterWith('At least as many', 'Kilowatt-hours'),
      'select station_id, count(*) as sessions from strong group by station_id',
    );
    expect((await catalog.report('probe')).parameters.find(({ name }) => name === 'least')).toMatchObject({
      description: 'Kilowatt-hours',
      default: '1',
      min: 0,
    });
  });

  test('can be read by a report like a table', async () => {
    const own = writeFiles(scratch(), {
      'views/strong.sql': strong,
      'reports/mine/probe.sql': reportFile(
        frontMatter.filter((line) => !/params|least/.test(line)),
        'select station_id, count(*) as sessions from strong group by station_id',
      ),
    });
    const [db, csv] = [join(scratch(), 'v.duckdb'), join(scratch(), 'v.csv')];
    writeFileSync(
      csv,
      'session_id,station_id,start_time,energy_kwh\ns1,A,2024-01-01 10:00,5\ns2,B,2024-01-01 11:00,2\ns3,B,2024-01-02 10:00,9\ns4,B,2024-01-03 10:00,5\n',
    );
    expect((await wattduck(['ingest', csv, '--db', db])).status).toBe(0);
    // With 5 kWh or more: s3 and s4 of B, and the only session of A.
    expect(
      (await wattduck(['report', 'probe', '--least', '5', '--sql-dir', own, '--db', db, '--format', 'csv'])).stdout,
    ).toBe('station_id,sessions\nB,2\nA,1\n');
    expect((await wattduck(['report', 'probe', '--laest', '5', '--sql-dir', own, '--db', db])).stderr).toBe(
      "error: unknown option '--laest' (Did you mean --least?)\n",
    );
  });

  test.each([
    [
      'an unknown column',
      view('select station_id\nfrom charging_sessions\nwhere enrgy > 1'),
      /^views\/v\.sql:7: Binder Error: .*enrgy/,
    ],
    ['an unknown view', view('select x\nfrom strongest'), /^views\/v\.sql:6: Catalog Error: Table with name strongest/],
    [
      'itself',
      view('select x from v'),
      'views/v.sql:4: circular reference: v reads v. A view cannot read from itself.',
    ],
    [
      'a parameter it does not describe',
      view('select station_id\nfrom charging_sessions\nwhere energy_kwh > $most::double'),
      'views/v.sql:7: parameter $most is not described. Add it under params.',
    ],
    [
      'a parameter it does not use',
      view('select station_id from charging_sessions', ...least),
      'views/v.sql:5: parameter $least is not used in the SQL. Use $least::type there, or remove it from params.',
    ],
    [
      'a parameter of two types',
      view(
        'select station_id from charging_sessions\nwhere energy_kwh > $least::double and energy_kwh < $least::bigint',
        ...least,
      ),
      'views/v.sql:6: parameter $least has several types',
    ],
    [
      'no title',
      view('select 1 as x').replace('title: V\n', ''),
      'views/v.sql:1: missing key "title". Add it to the front matter.',
    ],
    [
      'an unknown key',
      view('select 1 as x', 'http: /v0'),
      'views/v.sql:4: unknown key "http". Known: title, description, details, when, params, columns.',
    ],
    [
      'a column it does not describe',
      view('select station_id, energy_kwh from charging_sessions', 'columns:', '  station_id: { description: Where }'),
      'views/v.sql:4: column "energy_kwh" is not described. Add it under columns.',
    ],
    [
      'a described column that it does not return',
      view(
        'select station_id from charging_sessions',
        'columns:',
        '  station_id: { description: Where }',
        '  energy: { description: How much }',
      ),
      /^views\/v\.sql:6: the SQL returns no column "energy"\. /,
    ],
    [
      'a column without a description',
      view('select station_id from charging_sessions', 'columns:', '  station_id: { unit: kWh }'),
      'views/v.sql:5: missing key "columns.station_id.description". Add it to the front matter.',
    ],
    [
      'columns in a list',
      view('select station_id from charging_sessions', 'columns: [station_id]'),
      'views/v.sql:4: "columns" must be key: value pairs, not ["station_id"]',
    ],
    ['no select', view('delete from charging_sessions'), /^views\/v\.sql:\d+: .*Write a single select\.$/],
    ['a file read in from', view("select * from read_csv('/etc/passwd')"), /^views\/v\.sql:\d+: .*a function in from/],
  ])('with %s is rejected', async (_, text, expected) => {
    const line = await catalogError({ 'views/v.sql': text });
    if (typeof expected === 'string') expect(line).toBe(expected);
    else expect(line).toMatch(expected);
  });

  test('that reads itself through other views is rejected', async () => {
    expect(
      await catalogError({
        'views/a.sql': view('select x from b'),
        'views/b.sql': view('select x\nfrom c'),
        'views/c.sql': view('select x from a'),
      }),
    ).toMatch(
      /^views\/[abc]\.sql:4: circular reference: (a reads b reads c reads a|b reads c reads a reads b|c reads a reads b reads c)\. A view cannot read from itself\.$/,
    );
  });

  test.each([
    [
      'itself',
      { 'views/v.sql': view('select station_id from strong\nwhere station_id = $least::varchar', ...least) },
      'views/v.sql:6: parameter $least has several types',
    ],
    [
      'another view',
      {
        'views/other.sql': view(
          'select station_id from charging_sessions where station_id = $least::varchar',
          ...least,
        ),
        'views/v.sql': view('select strong.station_id\nfrom strong join other on strong.station_id = other.station_id'),
      },
      'views/v.sql:4: parameter $least has several types',
    ],
    [
      'a report',
      { 'reports/mine/probe.sql': reportFile(frontMatter, overView('strong')) },
      'reports/mine/probe.sql:13: parameter $least has several types',
    ],
  ])('whose parameter has another type in %s is rejected there', async (_, files, expected) => {
    expect(await catalogError({ 'views/strong.sql': strong, ...files })).toBe(expected);
  });

  test('an error in the report that reads it has its own line', async () => {
    // The statement is on lines 14 to 17 of the file, with or without a view.
    const wrong = statement.replace('charging_sessions', 'strong').replace('$least::bigint', '$least::double');
    expect(
      await catalogError({
        'views/strong.sql': strong,
        'reports/mine/probe.sql': reportFile(frontMatter, wrong.replace('group by station_id', 'group by sttion_id')),
      }),
    ).toMatch(/^reports\/mine\/probe\.sql:16: Binder Error: .*sttion_id/);
  });

  test.each([
    [
      'views/charging_sessions.sql',
      'views/charging_sessions.sql:1: name "charging_sessions" is already used by sql/sources/charging_sessions.sql. Rename the file.',
    ],
    [
      'views/offline_periods.sql',
      'views/offline_periods.sql:1: name "offline_periods" is already used by sql/views/offline_periods.sql. Rename the file.',
    ],
    [
      'views/offline.sql',
      'views/offline.sql:1: name "offline" is already used by sql/rules/offline.sql. Rename the file.',
    ],
  ])('%s has a name that is already used', async (path, expected) => {
    expect(await catalogError({ [path]: view('select 1 as x') })).toBe(expected);
  });
});

describe('a rule', () => {
  const path = 'rules/dear.sql';

  test('is one file: its issues are listed with the others, its parameters are options', async () => {
    const own = writeFiles(scratch(), {
      [path]: view(
        `select 'billing' as type, 'low' as severity, station_id, connector_id, session_id, start_time as created_at,
      null::timestamp as resolved_at, 'Dear' as description from charging_sessions where amount_paid >= $dear_from::double`,
        'params:',
        '  dear_from: { description: What is dear, default: 100 }',
      ),
    });
    const [db, csv] = [join(scratch(), 'r.duckdb'), join(scratch(), 'r.csv')];
    writeFileSync(
      csv,
      'session_id,station_id,start_time,end_time,energy_kwh,amount_paid,currency\ns1,A,2025-12-31 10:00,2025-12-31 11:00,5,99,EUR\ns2,A,2025-12-31 12:00,2025-12-31 13:00,5,100,EUR\n',
    );
    expect((await wattduck(['ingest', csv, '--db', db])).status).toBe(0);
    const ids = async (...options: string[]) =>
      (
        await wattduck([
          'issues',
          '--sql-dir',
          own,
          '--db',
          db,
          '--format',
          'csv',
          '--columns',
          'found_by,type,session_id',
          ...options,
        ])
      ).stdout;
    expect(await ids()).toBe('found_by,type,session_id\ndear,billing,s2\n');
    expect(await ids('--dear-from', '99')).toBe('found_by,type,session_id\ndear,billing,s2\ndear,billing,s1\n');
    expect((await wattduck(['issues', '--db', db])).stdout).not.toContain('dear');
  });

  test('that returns the eight columns of an issue is accepted', async () => {
    expect(await catalogError({ [path]: issue('charging_sessions') })).toBe('none');
    expect(
      await catalogError({
        [path]: issue('offline_periods', [
          'connector_id, session_id, start_time',
          'null::varchar as connector_id, null::varchar as session_id, offline_from',
        ]),
      }),
    ).toBe('none');
  });

  const wanted =
    'A rule returns type varchar, severity varchar, station_id varchar, connector_id varchar, session_id varchar, created_at timestamp, resolved_at timestamp, description varchar.';
  test.each([
    [
      'a column too few',
      issue('charging_sessions', ["'low' as severity, ", '']),
      /^rules\/dear\.sql:4: invalid columns of a rule: type varchar, station_id varchar, .*\. A rule returns type varchar, severity varchar, /,
    ],
    [
      'a column too many',
      issue('charging_sessions', ["'Dear' as description", "'Dear' as description, 1 as more"]),
      /^rules\/dear\.sql:4: invalid columns of a rule: .* description varchar, more integer\. /,
    ],
    [
      'another type',
      issue('charging_sessions', ['null::timestamp as resolved_at', 'null::date as resolved_at']),
      /^rules\/dear\.sql:4: invalid columns of a rule: .* resolved_at date, description varchar\. /,
    ],
    [
      'another order',
      issue('charging_sessions', ["'billing' as type, 'low' as severity", "'low' as severity, 'billing' as type"]),
      /^rules\/dear\.sql:4: invalid columns of a rule: severity varchar, type varchar, /,
    ],
  ])('that returns %s is rejected', async (_, text, expected) => {
    const line = await catalogError({ [path]: text });
    expect(line).toMatch(expected);
    expect(line).toContain(wanted);
  });

  test.each([
    [
      'an unknown column',
      issue('charging_sessions', ['start_time', 'strat_time']),
      /^rules\/dear\.sql:5: Binder Error: .*strat_time/,
    ],
    ['an unknown table', issue('sesions'), /^rules\/dear\.sql:7: Catalog Error: Table with name sesions/],
    [
      'the issues of all rules',
      issue('found_issues', ['start_time', 'created_at']),
      'rules/dear.sql:4: circular reference: dear reads found_issues reads dear. A view cannot read from itself.',
    ],
  ])('with %s is rejected', async (_, text, expected) => {
    const line = await catalogError({ [path]: text });
    if (typeof expected === 'string') expect(line).toBe(expected);
    else expect(line).toMatch(expected);
  });

  test('whose parameter has another type in another rule is rejected', async () => {
    const with_ = (type: string): string =>
      issue('charging_sessions')
        .replace('---*/', `${least.join('\n')}\n---*/`)
        .replace('from charging_sessions', `from charging_sessions\nwhere $least::${type} is null`);
    const line = await catalogError({
      'rules/a.sql': with_('double'),
      'rules/b.sql': with_('varchar'),
      'reports/mine/probe.sql': reportFile(
        frontMatter.filter((each) => !/params|least/.test(each)),
        'select station_id, count(*) as sessions from found_issues group by station_id',
      ),
    });
    expect(line).toMatch(/^reports\/mine\/probe\.sql:\d+: parameter \$least has several types$/);
  });
});

test('every built-in view and rule is read and described', async () => {
  const { catalog } = await openEngine();
  const [views, rules] = [await catalog.views(), await catalog.rules()];
  expect(rules.map(({ name }) => name)).toEqual([
    'faulted',
    'firmware_behind',
    'meter_contradiction',
    'offline',
    'repeated_failures',
    'tariff_contradiction',
  ]);
  expect(views.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['connector_states', 'firmware_installed', 'known_issues', 'offline_periods']),
  );
  // A report over all rules has the parameters of all rules.
  const offered = (await catalog.report('issues')).parameters.map(({ name }) => name);
  for (const { name } of rules.flatMap(({ parameters }) => parameters)) expect(offered).toContain(name);
});

describe('the bound of a report on the time of its views', () => {
  const bounded = view(
    'select station_id\nfrom charging_sessions\nwhere ($scan_from::timestamp is null or start_time >= $scan_from::timestamp)',
  );
  const since = ['params:', '  since: { description: Start of the sessions }'];
  const lines = (...head: string[]): string[] => [...head, ...frontMatter.filter((line) => !/params|least/.test(line))];
  const sql = 'select station_id, count(*) as sessions from bounded group by station_id';
  const filesOf = (report: string, text = bounded): Record<string, string> => ({
    'views/bounded.sql': text,
    'reports/mine/probe.sql': report,
  });

  test('is an expression over its parameters; without one, everything is read', async () => {
    const { duckdb, catalog } = await openEngine([
      writeFiles(scratch(), {
        ...filesOf(reportFile(lines(...since, 'scan_from: $since::timestamp - interval 1 day'), sql)),
        'reports/mine/other.sql': reportFile(lines(), sql),
      }),
    ]);
    await duckdb.run(
      `insert into charging_sessions (session_id, station_id, start_time, "timestamp")
       values ('1', 'A', timestamp '2025-01-01', timestamp '2025-01-01'), ('2', 'A', timestamp '2025-01-05', timestamp '2025-01-05')`,
    );
    const count = async (name: string, params: Record<string, string>): Promise<unknown> => {
      const context = { now: new Date(), label: (each: string) => each };
      const { rows } = await runReport(duckdb, await catalog.report(name), params, context);
      return rows[0]?.['sessions'];
    };
    expect(await count('probe', {})).toBe(2);
    expect(await count('probe', { since: '2025-01-02' })).toBe(2);
    expect(await count('probe', { since: '2025-01-02 00:00:01' })).toBe(1);
    expect(await count('other', {})).toBe(2);
  });

  test.each([
    [
      'without a view that has one',
      reportFile(['scan_from: current_date', ...frontMatter]),
      /:2: no view of the report has a bound/,
    ],
    ['an unknown parameter', reportFile(lines('scan_from: $since::timestamp'), sql), /parameter.*since/],
    ['not an expression', reportFile(lines('scan_from: "now( "'), sql), /probe\.sql:\d+: /],
  ])('%s: is rejected with file and line', async (_, report, message) => {
    expect(await catalogError(filesOf(report))).toMatch(message);
  });
});
