import { describe, expect, test } from 'vitest';
import { changed, faultOf, file, head, statement, without } from './own-file.ts';

const path = 'reports/mine/probe.sql';
const list = (totals: string): string[] => changed('{ shape: tinybird }', `{ shape: list, ${totals} }`);

test('the file all others are made from is taken', async () => {
  expect(await faultOf(file())).toBe('none');
});

// Head: line n of it is line n + 1 of the file; `---*/` is line 13, the statement lines 14 to 17.
describe('parameters', () => {
  test.each([
    [
      'in the SQL, not described',
      file(head, `${statement}\n  and count(*) <= $most::bigint`),
      '18: parameter $most is not described. Add it under params.',
    ],
    [
      'described, not in the SQL',
      file([...head.slice(0, 4), '  most: { description: m }', ...head.slice(4)]),
      '6: parameter "most" is not in the SQL. Use $most::type there, or remove it here.',
    ],
    [
      'without a cast',
      file(head, statement.replace('$least::bigint', '$least')),
      '17: parameter $least has no type. Write $least::varchar, or another type.',
    ],
    [
      'named like an option',
      file(changed('least:', 'format:'), statement.replace('$least', '$format')),
      '5: "format" is an option of every report. Choose another name.',
    ],
    [
      'named like a page',
      file(changed('least:', 'skip:'), statement.replace('$least', '$skip')),
      '5: "skip" is an option of every report. Choose another name.',
    ],
    [
      'of an unknown role',
      file(changed('default: 1', 'role: period_strt')),
      '5: unknown role "period_strt". Did you mean period_start?',
    ],
    [
      'without a description',
      file(changed('description: At least as many, ', '')),
      '5: params.least: "description" is missing. Add description: …',
    ],
    [
      'no map',
      file(changed('{ description: At least as many, default: 1, min: 0 }', 'many')),
      '5: params.least: should be key: value pairs',
    ],
    // $to_the also begins with $to: the line is that of $to itself.
    [
      'whose name begins another',
      file(changed('least:', 'to_the:'), `${statement.replace('$least', '$to_the')}\n  and count(*) <= $to::bigint`),
      '18: parameter $to is not described. Add it under params.',
    ],
    [
      'named like a sort',
      file(changed('least:', 'sort_field:'), statement.replace('$least', '$sort_field')),
      '5: "sort_field" is an option of every report. Choose another name.',
    ],
    [
      'named like the order of a sort',
      file(changed('least:', 'sort_order:'), statement.replace('$least', '$sort_order')),
      '5: "sort_order" is an option of every report. Choose another name.',
    ],
    [
      'whose length is a word',
      file(changed('min: 0', 'longest: ten')),
      '5: params.least: "longest" should be a number, not "ten"',
    ],
    [
      'whose short name is a number',
      file(changed('min: 0', 'short: 1')),
      '5: params.least: "short" should be a text, not 1',
    ],
    [
      'with the short name of an option',
      file(changed('min: 0', 'short: format')),
      '5: "format" is an option of every report. Choose another name.',
    ],
    [
      'with the short name another has',
      file(
        [...changed('min: 0', 'short: l').slice(0, 4), '  most: { description: m, short: l }', ...head.slice(4)],
        `${statement}\n  and count(*) <= $most::bigint`,
      ),
      /^reports\/mine\/probe\.sql:[56]: .*"l"/,
    ],
    [
      'with the name another has as its short one',
      file(
        [...changed('min: 0', 'short: most').slice(0, 4), '  most: { description: m }', ...head.slice(4)],
        `${statement}\n  and count(*) <= $most::bigint`,
      ),
      /^reports\/mine\/probe\.sql:[56]: .*"most"/,
    ],
    [
      'cast in one place, not in the other',
      file(head, `${statement}\n  and count(*) <> $least`),
      '18: parameter $least has no type. Write $least::varchar, or another type.',
    ],
  ])('%s', async (_, text, expected) => {
    const line = await faultOf(text);
    if (typeof expected === 'string') expect(line).toBe(`${path}:${expected}`);
    else expect(line).toMatch(expected);
  });
});

describe('columns', () => {
  test.each([
    [
      'the SQL does not answer',
      file(changed('  sessions:', '  sesions:')),
      '8: the SQL answers no column "sesions". Did you mean sessions?',
    ],
    ['not described', file(without('  sessions:')), '6: column "sessions" is not described. Add it under columns.'],
    [
      'with an unknown note',
      file(changed('unit: count', 'units: count')),
      '8: columns.sessions: unknown key "units". Did you mean unit?',
    ],
    [
      'hidden by a word',
      file(changed('unit: count', 'hidden: "yes"')),
      '8: columns.sessions: "hidden" should be true or false, not "yes"',
    ],
    [
      'hidden, and first in a table',
      file([...changed('unit: count', 'hidden: true'), 'table: [station_id, sessions]']),
      '13: "sessions" is no column of this report. Known: station_id.',
    ],
    [
      'hidden, and in a chart',
      file([...changed('unit: count', 'hidden: true'), 'chart: { kind: bar, x: station_id, y: sessions }']),
      '13: "sessions" is no column of this report. Known: station_id.',
    ],
    [
      'nullable by a word',
      file(changed('unit: count', 'nullable: "no"')),
      '8: columns.sessions: "nullable" should be true or false, not "no"',
    ],
  ])('%s', async (_, text, expected) => {
    const line = await faultOf(text);
    expect(line).toBe(`${path}:${expected}`);
  });
});

describe('the statement', () => {
  test('that names a column DuckDB does not know, on its line', async () => {
    const line = await faultOf(file(head, statement.replace('having count(*)', 'having count(enrgy_kwh)')));
    expect(line).toMatch(/^reports\/mine\/probe\.sql:17: Binder Error: .*enrgy_kwh/);
  });

  test('that names a table DuckDB does not know, on its line', async () => {
    expect(await faultOf(file(head, statement.replace('charging_sessions', 'sesions')))).toMatch(
      /probe\.sql:15: Catalog Error: Table with name sesions/,
    );
  });

  test('that is misspelt, on its line', async () => {
    expect(await faultOf(file(head, statement.replace('group by', 'gruop by')))).toMatch(
      /probe\.sql:16: .*(gruop|"by")/,
    );
  });

  test.each([
    ['two of them', `${statement};\nselect 2`, '2 statements. A report is one select.'],
    ['one that deletes', 'delete from charging_sessions', 'A report is one select.'],
    ['one that makes a table', 'create table x as select 1 as station_id', 'A report is one select.'],
    ['one that copies out', "copy charging_sessions to 'x.csv'", 'A report is one select.'],
    ['one that attaches', "attach 'x.duckdb' as x", 'A report is one select.'],
    ['none at all', '', 'A report is one select.'],
    ['a file read in from', "select station_id, 1 as sessions from read_csv('/etc/passwd')", 'a function in from'],
  ])('%s', async (_, sql, expected) => {
    expect(await faultOf(file(head, sql))).toMatch(new RegExp(`^reports/mine/probe\\.sql:\\d+: .*${expected}`));
  });
});

describe('sort, key, page, answer and chart', () => {
  test.each([
    [
      'default sort',
      file(changed('-sessions', '-sesions')),
      '10: "sesions" is no column of this report. Did you mean sessions?',
    ],
    [
      'allowed sort',
      file(changed('allow: [sessions, station_id]', 'allow: [sessions, -station_id]')),
      '10: "-station_id" is no column of this report. Did you mean station_id?',
    ],
    [
      'sort split by a word',
      file(changed('default: -sessions', 'default: -sessions, split: "no"')),
      '10: sort: "split" should be true or false, not "no"',
    ],
    [
      'sort with an unknown key',
      file(changed('default: -sessions', 'default: -sessions, splt: true')),
      '10: sort: unknown key "splt". Did you mean split?',
    ],
    [
      'sort without allow',
      file(changed(', allow: [sessions, station_id]', '')),
      '10: sort: "allow" is missing. Add allow: …',
    ],
    [
      'key',
      file(changed('key: [station_id]', 'key: [station_id, location]')),
      '9: "location" is no column of this report. Known: station_id, sessions.',
    ],
    [
      'kind of page',
      file(changed('kind: limit', 'kind: take')),
      '11: unknown kind of page "take". Did you mean take_skip?',
    ],
    ['page without a maximum', file(changed(', max: 100', '')), '11: page: "max" is missing. Add max: …'],
    ['shape', file(changed('tinybird', 'table')), '12: unknown shape "table". Known: tinybird, list, object.'],
    ['echo', file(list('echo: [most]')), '12: "most" is no parameter of this report. Known: least.'],
    ['a total over no column', file(list('totals: { kwh: sum(enrgy) }')), /12: Binder Error: .*enrgy/],
    ['a total that is no SQL', file(list('totals: { kwh: "sum(" }')), /12: Parser Error/],
    [
      'kind of chart',
      file([...head, 'chart: { kind: scatter, x: station_id, y: sessions }']),
      '13: "scatter" is no kind of chart of this report. Known: bar, line, fan.',
    ],
    [
      'x of a chart',
      file([...head, 'chart: { kind: bar, x: station, y: sessions }']),
      '13: "station" is no column of this report. Did you mean station_id?',
    ],
    [
      'y of a chart',
      file([...head, 'chart: { kind: bar, x: station_id, y: kwh }']),
      '13: "kwh" is no column of this report. Known: station_id, sessions.',
    ],
    [
      'a list of optional columns',
      file(
        changed('{ shape: tinybird }', '{ shape: object, list: { key: all, columns: [station_id] } }').map((line) =>
          line.replace('description: Station ', 'description: Station, optional: true '),
        ),
      ),
      '12: a list of optional columns alone. Name one that is there wherever a row is.',
    ],
    ['no title', file(without('title')), '1: "title" is missing. Add title: …'],
    [
      'http of another shape',
      file([...head, 'http: { path: /v0 }']),
      '13: "http" should be a text, not {"path":"/v0"}',
    ],
  ])('%s', async (_, text, expected) => {
    const line = await faultOf(text);
    if (typeof expected === 'string') expect(line).toBe(`${path}:${expected}`);
    else expect(line).toMatch(expected);
  });
});

describe('files', () => {
  test('a name a built-in report has', async () => {
    expect(await faultOf({ 'reports/mine/get_sessions.sql': file() })).toBe(
      'reports/mine/get_sessions.sql:1: "get_sessions" is taken by sql/reports/charging/get_sessions.sql. Give the file another name.',
    );
  });

  test('a name twice in one folder', async () => {
    expect(await faultOf({ 'reports/a/x.sql': file(), 'reports/b/x.sql': file() })).toMatch(
      /^reports\/b\/x\.sql:1: "x" is taken by .*reports\/a\/x\.sql\./,
    );
  });

  test.each(['probe.sql', 'report/probe.sql', 'reportsx/probe.sql', 'rulesx/probe.sql'])(
    '%s lies where nothing is looked for',
    async (stray) => {
      expect(await faultOf({ [stray]: file() })).toBe(
        `${stray}: not in a folder the catalog knows. Put it under sources/, mappings/, views/, rules/, reports/<group>/, actions/ or prelude/.`,
      );
    },
  );

  test('other files beside them are left alone', async () => {
    expect(await faultOf({ 'README.md': 'x', 'reports/mine/notes.txt': 'x', 'reports/mine/probe.sql': file() })).toBe(
      'none',
    );
  });
});
