import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { StatementReader } from '../../src/commands/statement-reader.ts';
import { scratch, wattduck, type CliResult } from '../support/cli.ts';
import { importFiles } from '../support/import-files.ts';

const db = join(scratch(), 'pivot.duckdb');
beforeAll(async () => {
  await importFiles(['test/reports/data/dozen/dozen.csv'], db);
});

const rows = "(values ('north', 'AC', 3), ('north', 'DC', 1), ('south', 'AC', 2), ('south', null, 5)) t(site, kind, n)";
const pivot = (query: string, ...args: string[]): Promise<CliResult> => wattduck(['sql', query, '--db', db, ...args]);

describe('--pivot', () => {
  test('turns values into columns, sorted, and leaves missing ones empty', async () => {
    const { status, stdout } = await pivot(`from ${rows} order by site`, '--pivot', 'kind', '-f', 'csv');
    expect([status, stdout]).toEqual([0, 'site,AC,DC,null\nnorth,3,1,\nsouth,2,,5\n']);
    const json = await pivot(`from ${rows} order by site`, '--pivot', 'kind', '--json');
    expect(JSON.parse(json.stdout)).toEqual([
      { site: 'north', AC: 3, DC: 1, null: null },
      { site: 'south', AC: 2, DC: null, null: 5 },
    ]);
    expect(
      (await pivot(`from ${rows} order by site`, '--pivot', 'kind', '-f', 'csv', '--columns', 'DC,site')).stdout,
    ).toBe('DC,site\n1,north\n,south\n');
  });

  test.each([
    [`from ${rows}`, 'kinds', /^unknown column "kinds"|column "kinds"/],
    ["select 'x' as kind", 'kind', /has no other column/],
    [`select kind, n from ${rows} where kind = 'AC'`, 'kind', /several rows have the value "AC"/],
    ['select range as a, range as n from range(300)', 'a', /300 values, but at most 200 columns/],
    ["select 'site' as kind, 'north' as site, 1 as n", 'kind', /the value "site" is also the name of a column/],
  ])('%s --pivot %s is an error', async (query, column, message) => {
    const { status, stderr } = await pivot(query, '--pivot', column);
    expect(status).toBe(2);
    expect(stderr.replace('error: ', '')).toMatch(message);
  });

  test('it is not written as Parquet', async () => {
    expect((await pivot(`from ${rows}`, '--pivot', 'kind', '-f', 'parquet', '-o', 'x.parquet')).stderr).toBe(
      'error: --pivot cannot be combined with --format parquet. Omit one of them.\n',
    );
  });

  test("DuckDB's PIVOT works with a list of values, and says so without one", async () => {
    const { stdout } = await pivot(
      "pivot charging_sessions on charging_type in ('AC', 'DC') using count(*) group by site_id order by site_id",
      '-f',
      'csv',
    );
    expect(stdout.split('\n')[0]).toBe('site_id,AC,DC');
    expect((await pivot('pivot charging_sessions on charging_type using count(*)')).stderr).toMatch(
      /^error: PIVOT needs the values that become columns\. List them, .* or use --pivot/,
    );
  });
});

describe('the reader of statements', () => {
  const read = (...lines: string[]): string[][] => {
    const reader = new StatementReader();
    return lines.map((line) => reader.add(line));
  };

  test('a statement ends with a semicolon, on any line', () => {
    expect(read('select 1;')).toEqual([['select 1;']]);
    expect(read('select', '1', ';')).toEqual([[], [], ['select\n1\n;']]);
    expect(read('select 1; select 2; select', '3;')).toEqual([['select 1;', 'select 2;'], ['select\n3;']]);
    expect(read(';', ' ; ;')).toEqual([[], []]);
  });

  test('but not with one in a text, a name or a comment', () => {
    expect(read("select 'a;b' || 'it''s;';")).toEqual([["select 'a;b' || 'it''s;';"]]);
    expect(read('select 1 as "x;y"', ';')).toEqual([[], ['select 1 as "x;y"\n;']]);
    expect(read('select 1 -- one; two', '/* ; */;')).toEqual([[], ['select 1 -- one; two\n/* ; */;']]);
    expect(read("select 'open;", "end';")).toEqual([[], ["select 'open;\nend';"]]);
    expect(read('select $$a;b$$;')).toEqual([['select $$a;b$$;']]);
  });
});
