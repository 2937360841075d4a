import { describe, expect, test } from 'vitest';
import {
  catalogError,
  frontMatter,
  frontMatterWith,
  frontMatterWithout,
  reportFile,
  statement,
} from './report-file.ts';

const path = 'reports/mine/probe.sql';
const list = (totals: string): string[] => frontMatterWith('{ shape: tinybird }', `{ shape: list, ${totals} }`);

test('the basis of all other files is valid', async () => {
  expect(await catalogError(reportFile())).toBe('none');
});

// The front matter is on lines 2 to 12 of the file, `---*/` on line 13, the statement on lines 14 to 17.
describe('parameters', () => {
  test.each([
    [
      'in the SQL, not described',
      reportFile(frontMatter, `${statement}\n  and count(*) <= $most::bigint`),
      '18: parameter $most is not described. Add it under params.',
    ],
    [
      'described, not in the SQL',
      reportFile([...frontMatter.slice(0, 4), '  most: { description: m }', ...frontMatter.slice(4)]),
      '6: parameter $most is not used in the SQL. Use $most::type there, or remove it from params.',
    ],
    [
      'without a cast',
      reportFile(frontMatter, statement.replace('$least::bigint', '$least')),
      '17: parameter $least has no type. Write $least::varchar, or another type.',
    ],
    [
      'named like an option',
      reportFile(frontMatterWith('least:', 'format:'), statement.replace('$least', '$format')),
      '5: parameter name "format" is reserved. Choose another name.',
    ],
    [
      'named like a page',
      reportFile(frontMatterWith('least:', 'skip:'), statement.replace('$least', '$skip')),
      '5: parameter name "skip" is reserved. Choose another name.',
    ],
    [
      'of an unknown role',
      reportFile(frontMatterWith('default: 1', 'role: period_strt')),
      '5: invalid value "period_strt" for "params.least.role". Did you mean period_start?',
    ],
    [
      'with the old key longest',
      reportFile(frontMatterWith('min: 0', 'longest: 3')),
      '5: key "params.least.longest" was renamed. Use max_length.',
    ],
    [
      'without a description',
      reportFile(frontMatterWith('description: At least as many, ', '')),
      '5: missing key "params.least.description". Add it to the front matter.',
    ],
    [
      'not a map',
      reportFile(frontMatterWith('{ description: At least as many, default: 1, min: 0 }', 'many')),
      '5: "params.least" must be key: value pairs, not "many"',
    ],
    // $to_the also begins with $to: the line is that of $to itself.
    [
      'whose name begins another',
      reportFile(
        frontMatterWith('least:', 'to_the:'),
        `${statement.replace('$least', '$to_the')}\n  and count(*) <= $to::bigint`,
      ),
      '18: parameter $to is not described. Add it under params.',
    ],
    [
      'named like a sort',
      reportFile(frontMatterWith('least:', 'sort_field:'), statement.replace('$least', '$sort_field')),
      '5: parameter name "sort_field" is reserved. Choose another name.',
    ],
    [
      'named like the order of a sort',
      reportFile(frontMatterWith('least:', 'sort_order:'), statement.replace('$least', '$sort_order')),
      '5: parameter name "sort_order" is reserved. Choose another name.',
    ],
    [
      'whose length is a word',
      reportFile(frontMatterWith('min: 0', 'max_length: ten')),
      '5: "params.least.max_length" must be a number, not "ten"',
    ],
    [
      'whose short name is a number',
      reportFile(frontMatterWith('min: 0', 'short: 1')),
      '5: "params.least.short" must be a string, not 1',
    ],
    [
      'that excludes a parameter it does not have',
      reportFile(frontMatterWith('min: 0', 'excludes: most')),
      '5: parameter "most" not found in this report. Known: least.',
    ],
    [
      'with the short name of an option',
      reportFile(frontMatterWith('min: 0', 'short: format')),
      '5: parameter name "format" is reserved. Choose another name.',
    ],
    [
      'with the short name of another',
      reportFile(
        [
          ...frontMatterWith('min: 0', 'short: l').slice(0, 4),
          '  most: { description: m, short: l }',
          ...frontMatter.slice(4),
        ],
        `${statement}\n  and count(*) <= $most::bigint`,
      ),
      /^reports\/mine\/probe\.sql:[56]: .*"l"/,
    ],
    [
      'with the short name of another as its name',
      reportFile(
        [
          ...frontMatterWith('min: 0', 'short: most').slice(0, 4),
          '  most: { description: m }',
          ...frontMatter.slice(4),
        ],
        `${statement}\n  and count(*) <= $most::bigint`,
      ),
      /^reports\/mine\/probe\.sql:[56]: .*"most"/,
    ],
    [
      'cast in one place, not in the other',
      reportFile(frontMatter, `${statement}\n  and count(*) <> $least`),
      '18: parameter $least has no type. Write $least::varchar, or another type.',
    ],
  ])('%s', async (_, text, expected) => {
    const line = await catalogError(text);
    if (typeof expected === 'string') expect(line).toBe(`${path}:${expected}`);
    else expect(line).toMatch(expected);
  });
});

describe('columns', () => {
  test.each([
    [
      'that the SQL does not return',
      reportFile(frontMatterWith('  sessions:', '  sesions:')),
      '8: the SQL returns no column "sesions". Did you mean sessions?',
    ],
    [
      'not described',
      reportFile(frontMatterWithout('  sessions:')),
      '6: column "sessions" is not described. Add it under columns.',
    ],
    [
      'with an unknown key',
      reportFile(frontMatterWith('unit: count', 'units: count')),
      '8: unknown key "columns.sessions.units". Did you mean unit?',
    ],
    [
      'hidden by a word',
      reportFile(frontMatterWith('unit: count', 'hidden: "yes"')),
      '8: "columns.sessions.hidden" must be true or false, not "yes"',
    ],
    [
      'hidden, and first in a table',
      reportFile([...frontMatterWith('unit: count', 'hidden: true'), 'leading_columns: [station_id, sessions]']),
      '13: column "sessions" not found in this report. Known: station_id.',
    ],
    [
      'named under the old key table',
      reportFile([...frontMatter, 'table: [station_id]']),
      '13: key "table" was renamed. Use leading_columns.',
    ],
    [
      'hidden, and in a chart',
      reportFile([
        ...frontMatterWith('unit: count', 'hidden: true'),
        'chart: { kind: bar, x: station_id, y: sessions }',
      ]),
      '13: column "sessions" not found in this report. Known: station_id.',
    ],
    [
      'nullable by a word',
      reportFile(frontMatterWith('unit: count', 'nullable: "no"')),
      '8: "columns.sessions.nullable" must be true or false, not "no"',
    ],
  ])('%s', async (_, text, expected) => {
    const line = await catalogError(text);
    expect(line).toBe(`${path}:${expected}`);
  });
});

describe('the statement', () => {
  test('with an unknown column, on its line', async () => {
    const line = await catalogError(
      reportFile(frontMatter, statement.replace('having count(*)', 'having count(enrgy_kwh)')),
    );
    expect(line).toMatch(/^reports\/mine\/probe\.sql:17: Binder Error: .*enrgy_kwh/);
  });

  test('with an unknown table, on its line', async () => {
    expect(await catalogError(reportFile(frontMatter, statement.replace('charging_sessions', 'sesions')))).toMatch(
      /probe\.sql:15: Catalog Error: Table with name sesions/,
    );
  });

  test('that is misspelt, on its line', async () => {
    expect(await catalogError(reportFile(frontMatter, statement.replace('group by', 'gruop by')))).toMatch(
      /probe\.sql:16: .*(gruop|"by")/,
    );
  });

  test.each([
    ['two of them', `${statement};\nselect 2`, 'expected one statement, found 2. Write a single select.'],
    ['one that deletes', 'delete from charging_sessions', 'Write a single select.'],
    ['one that creates a table', 'create table x as select 1 as station_id', 'Write a single select.'],
    ['one that copies out', "copy charging_sessions to 'x.csv'", 'Write a single select.'],
    ['one that attaches', "attach 'x.duckdb' as x", 'Write a single select.'],
    ['no statement', '', 'Write a single select.'],
    ['a file read in from', "select station_id, 1 as sessions from read_csv('/etc/passwd')", 'a function in from'],
  ])('%s', async (_, sql, expected) => {
    expect(await catalogError(reportFile(frontMatter, sql))).toMatch(
      new RegExp(`^reports/mine/probe\\.sql:\\d+: .*${expected}`),
    );
  });
});

describe('sort, key, page, answer and chart', () => {
  test.each([
    [
      'default sort',
      reportFile(frontMatterWith('-sessions', '-sesions')),
      '10: column "sesions" not found in this report. Did you mean sessions?',
    ],
    [
      'allowed sort',
      reportFile(frontMatterWith('allow: [sessions, station_id]', 'allow: [sessions, -station_id]')),
      '10: column "-station_id" not found in this report. Did you mean station_id?',
    ],
    [
      'sort split by a word',
      reportFile(frontMatterWith('default: -sessions', 'default: -sessions, split: "no"')),
      '10: "sort.split" must be true or false, not "no"',
    ],
    [
      'sort with an unknown key',
      reportFile(frontMatterWith('default: -sessions', 'default: -sessions, splt: true')),
      '10: unknown key "sort.splt". Did you mean split?',
    ],
    [
      'sort without allow',
      reportFile(frontMatterWith(', allow: [sessions, station_id]', '')),
      '10: missing key "sort.allow". Add it to the front matter.',
    ],
    [
      'key',
      reportFile(frontMatterWith('key: [station_id]', 'key: [station_id, location]')),
      '9: column "location" not found in this report. Known: station_id, sessions.',
    ],
    [
      'kind of page',
      reportFile(frontMatterWith('kind: limit', 'kind: take')),
      '11: invalid value "take" for "page.kind". Did you mean take_skip?',
    ],
    [
      'page without a maximum',
      reportFile(frontMatterWith(', max: 100', '')),
      '11: missing key "page.max". Add it to the front matter.',
    ],
    [
      'shape',
      reportFile(frontMatterWith('tinybird', 'table')),
      '12: invalid value "table" for "answer.shape". Known: tinybird, list, object.',
    ],
    ['echo', reportFile(list('echo: [most]')), '12: parameter "most" not found in this report. Known: least.'],
    ['a total over no column', reportFile(list('totals: { kwh: sum(enrgy) }')), /12: Binder Error: .*enrgy/],
    ['a total that is not SQL', reportFile(list('totals: { kwh: "sum(" }')), /12: Parser Error/],
    [
      'kind of chart',
      reportFile([...frontMatter, 'chart: { kind: scatter, x: station_id, y: sessions }']),
      '13: invalid value "scatter" for "chart.kind". Known: line, bar, hbar, heatmap, strip, fan, number.',
    ],
    [
      'x of a chart',
      reportFile([...frontMatter, 'chart: { kind: bar, x: station, y: sessions }']),
      '13: column "station" not found in this report. Did you mean station_id?',
    ],
    [
      'y of a chart',
      reportFile([...frontMatter, 'chart: { kind: bar, x: station_id, y: kwh }']),
      '13: column "kwh" not found in this report. Known: station_id, sessions.',
    ],
    [
      'a list of optional columns',
      reportFile(
        frontMatterWith('{ shape: tinybird }', '{ shape: object, list: { key: all, columns: [station_id] } }').map(
          (line) => line.replace('description: Station ', 'description: Station, optional: true '),
        ),
      ),
      '12: all columns of the list are optional. Add a column that every row has.',
    ],
    ['no title', reportFile(frontMatterWithout('title')), '1: missing key "title". Add it to the front matter.'],
    [
      'http of another shape',
      reportFile([...frontMatter, 'http: { path: /v0 }']),
      '13: "http" must be a string, not {"path":"/v0"}',
    ],
  ])('%s', async (_, text, expected) => {
    const line = await catalogError(text);
    if (typeof expected === 'string') expect(line).toBe(`${path}:${expected}`);
    else expect(line).toMatch(expected);
  });
});

describe('files', () => {
  test('a file named like a built-in report', async () => {
    expect(await catalogError({ 'reports/mine/get_sessions.sql': reportFile() })).toBe(
      'reports/mine/get_sessions.sql:1: name "get_sessions" is already used by sql/reports/charging/get_sessions.sql. Rename the file.',
    );
  });

  test('two files with the same name', async () => {
    expect(await catalogError({ 'reports/a/x.sql': reportFile(), 'reports/b/x.sql': reportFile() })).toMatch(
      /^reports\/b\/x\.sql:1: name "x" is already used by .*reports\/a\/x\.sql\./,
    );
  });

  test.each(['probe.sql', 'report/probe.sql', 'reportsx/probe.sql', 'rulesx/probe.sql'])(
    '%s is not in a known folder',
    async (stray) => {
      expect(await catalogError({ [stray]: reportFile() })).toBe(
        `${stray}: not in a known folder. Move it to sources/, mappings/, views/, rules/, reports/<group>/, pages/, actions/ or prelude/.`,
      );
    },
  );

  test('other files are ignored', async () => {
    expect(
      await catalogError({ 'README.md': 'x', 'reports/mine/notes.txt': 'x', 'reports/mine/probe.sql': reportFile() }),
    ).toBe('none');
  });
});
