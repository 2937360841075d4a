import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Catalog } from '../../src/catalog/catalog.ts';
import type { WattduckError } from '../../src/errors/wattduck-error.ts';
import { DuckDb } from '../../src/warehouse/duckdb.ts';
import { scratch } from '../support/cli.ts';
import { openEngine } from '../support/duckdb.ts';

const head = [
  'title: Sessions by station',
  'description: How many.',
  'params:',
  '  least: { description: At least as many, default: 1 }',
  'columns:',
  '  station_id: { description: Station }',
  '  sessions: { description: Sessions, unit: count }',
  'key: [station_id]',
  'sort: { default: -sessions, allow: [sessions] }',
  'page: { kind: limit, default: 10, max: 100 }',
  'answer: { shape: tinybird }',
];
const sql =
  'select station_id, count(*) as sessions\nfrom charging_sessions\ngroup by station_id\nhaving count(*) >= $least::bigint';

const folder = scratch();
const { catalog } = await openEngine();

/** Opens the catalog with one user file and returns the error message, without the name of the folder. */
async function faultOf(text: string, path = 'reports/mine/probe.sql'): Promise<string> {
  const own = mkdtempSync(join(folder, 'own-'));
  mkdirSync(join(own, path, '..'), { recursive: true });
  writeFileSync(join(own, path), text);
  const makes = /^(prelude|sources)\//.test(path);
  const duckdb = makes ? await DuckDb.open() : undefined;
  try {
    if (duckdb) await Catalog.open(duckdb, [own]);
    else await catalog.add([own]);
    return 'none';
  } catch (error) {
    return (error as WattduckError).fullMessage.replaceAll(`${own}/`, '');
  } finally {
    await duckdb?.close();
  }
}

const file = (lines: readonly string[], statement = sql): string => ['/*---', ...lines, '---*/', statement].join('\n');
const changed = (from: string, to: string): string[] => head.map((line) => line.replace(from, to));
const without = (start: string): string[] => head.filter((line) => !line.startsWith(start));

test('the unchanged file is valid', async () => {
  expect(await faultOf(file(head))).toBe('none');
});

// Line 1 is the opening mark, so line n of the front matter is line n + 1 of the file; the statement starts on line 14.
describe.each([
  ['no front matter', sql, 'probe.sql:1: no front matter'],
  ['front matter never closed', '/*---\ntitle: x\nselect 1', 'probe.sql:1: the front matter is not closed'],
  ['YAML that is none', file([...head, '  broken: [1']), 'probe.sql:13: invalid YAML:'],
  ['an unknown key', file(changed('title:', 'titel:')), 'probe.sql:2: unknown key "titel". Did you mean title?'],
  ['a missing key', file(without('answer')), 'missing key "answer". Add it to the front matter.'],
  [
    'a value of the wrong shape',
    file(changed('key: [station_id]', 'key: station_id')),
    'probe.sql:9: "key" must be a list of strings, not "station_id"',
  ],
  [
    'an unknown key of a parameter',
    file(changed('default: 1 }', 'defualt: 1 }')),
    'probe.sql:5: unknown key "params.least.defualt". Did you mean default?',
  ],
  [
    'a parameter not described',
    file(without('  least').filter((line) => line !== 'params:')),
    'parameter $least is not described. Add it under params.',
  ],
  [
    'a parameter not in the SQL',
    file(changed('  least: {', '  lest: { description: x }\n  least: {')),
    'parameter $lest is not used in the SQL',
  ],
  [
    'a parameter without a type',
    file(head, sql.replace('::bigint', '')),
    'probe.sql:17: parameter $least has no type. Write $least::varchar',
  ],
  [
    'a parameter named like an option',
    file(
      changed('least: {', 'limit: {').map((line) => line),
      sql.replace('$least', '$limit'),
    ),
    'parameter name "limit" is reserved',
  ],
  [
    'an unknown role',
    file(changed('default: 1 }', 'role: period_begin }')),
    'invalid value "period_begin" for "params.least.role". Did you mean period_end?',
  ],
  [
    'a column not answered',
    file(changed('  sessions:', '  session:')),
    'the SQL returns no column "session". Did you mean sessions?',
  ],
  [
    'a column not described',
    file(without('  station_id:')),
    'column "station_id" is not described. Add it under columns.',
  ],
  ['a column DuckDB does not know', file(head, sql.replace('from', ', speed from')), 'probe.sql:15: '],
  [
    'a table DuckDB does not know',
    file(head, sql.replace('charging_sessions', 'sesions')),
    'probe.sql:15: Catalog Error: Table with name sesions does not exist',
  ],
  ['two statements', file(head, `${sql};\nselect 2`), 'expected one statement, found 2. Write a single select.'],
  ['a statement that writes', file(head, 'delete from charging_sessions'), 'Write a single select.'],
  [
    'a sort column that is none',
    file(changed('default: -sessions', 'default: -sesions')),
    'column "sesions" not found in this report. Did you mean sessions?',
  ],
  [
    'a key column that is none',
    file(changed('key: [station_id]', 'key: [station]')),
    'column "station" not found in this report. Did you mean station_id?',
  ],
  [
    'an unknown kind of page',
    file(changed('kind: limit', 'kind: limt')),
    'invalid value "limt" for "page.kind". Did you mean limit?',
  ],
  [
    'an unknown shape',
    file(changed('shape: tinybird', 'shape: tinybrid')),
    'invalid value "tinybrid" for "answer.shape". Did you mean tinybird?',
  ],
  [
    'an echo of nothing',
    file(changed('{ shape: tinybird }', '{ shape: list, echo: [from] }')),
    'parameter "from" not found in this report',
  ],
  [
    'a total that does not compute',
    file(changed('{ shape: tinybird }', '{ shape: list, totals: { t: sum(kwh) } }')),
    'probe.sql:12: Binder Error',
  ],
  [
    'a chart of no column',
    file([...head, 'chart: { kind: bar, x: hour, y: sessions }']),
    'column "hour" not found in this report',
  ],
])('%s', (_, text, expected) => {
  test('is rejected with file, line and fix', async () => {
    expect(await faultOf(text)).toContain(expected);
  });
});

test('a name that is already used', async () => {
  expect(await faultOf(file(head), 'reports/mine/user_usage.sql')).toBe(
    'reports/mine/user_usage.sql:1: name "user_usage" is already used by sql/reports/charging/user_usage.sql. Rename the file.',
  );
});

test('a file outside the known folders', async () => {
  expect(await faultOf(file(head), 'report/probe.sql')).toContain('not in a known folder');
});

test('a missing folder', async () => {
  const duckdb = await DuckDb.open();
  await expect(Catalog.open(duckdb, [join(folder, 'none')])).rejects.toMatchObject({ kind: 'not_found' });
  await duckdb.close();
});
