import { describe, expect, test } from 'vitest';
import { scratch, wattduck } from '../support/cli.ts';
import { catalogError, frontMatterWith, reportFile, statement, writeFiles } from './report-file.ts';

/** Files that pass every other check but could not run as they stand: each is to be refused when it is loaded, on its line. */
describe('a default its own report would refuse', () => {
  test.each([
    [
      'a sort that is not allowed',
      reportFile(
        frontMatterWith('default: -sessions, allow: [sessions, station_id]', 'default: -sessions, allow: [station_id]'),
      ),
      /probe\.sql:10: .*sessions/,
    ],
    [
      'a page larger than the largest',
      reportFile(frontMatterWith('default: 10, max: 100', 'default: 1000, max: 100')),
      /probe\.sql:11: .*1000/,
    ],
    ['a page of half a row', reportFile(frontMatterWith('default: 10', 'default: 1.5')), /probe\.sql:11: .*1\.5/],
    ['a page of no row', reportFile(frontMatterWith('default: 10', 'default: 0')), /probe\.sql:11: .*0/],
    ['a number that is none', reportFile(frontMatterWith('default: 1,', 'default: many,')), /probe\.sql:5: .*many/],
    ['a number out of its own range', reportFile(frontMatterWith('default: 1,', 'default: -1,')), /probe\.sql:5: .*-1/],
    [
      'none of the choices',
      reportFile(frontMatterWith('default: 1, min: 0', 'default: 3, choices: ["1", "2"]')),
      /probe\.sql:5: .*3/,
    ],
  ])('%s', async (_, text, expected) => {
    expect(await catalogError(text)).toMatch(expected);
  });
});

describe('what the binder can not bind', () => {
  // SCALE.md: varchar, bigint, double, boolean, date, timestamp, decimal(p,s). Others reach DuckDB as unread text.
  test.each(['interval', 'timestamptz', 'smallint', 'time', 'varchar[]', 'blob'])(
    'a parameter cast to %s',
    async (type) => {
      expect(
        await catalogError(
          reportFile(
            frontMatterWith(', default: 1, min: 0', ''),
            `${statement.split('\nhaving')[0]}\nhaving $least::${type} is null`,
          ),
        ),
      ).toMatch(/probe\.sql:\d+: .*least/);
    },
  );

  test.each([
    ['a time zone that is a number', 'role: time_zone'],
    ['a start of the period that is a number', 'role: period_start'],
    ['now as a number', 'role: now'],
  ])('%s', async (_, role) => {
    expect(await catalogError(reportFile(frontMatterWith('default: 1, min: 0', role)))).toMatch(
      /probe\.sql:5: .*(role|BIGINT)/,
    );
  });
});

test('a page without a key could repeat or drop rows that tie', async () => {
  expect(await catalogError(reportFile(frontMatterWith('key: [station_id]', 'key: []')))).toMatch(
    /probe\.sql:9: .*key/,
  );
});

test('a parameter named tz needs no role to be usable from the command line', async () => {
  const folder = writeFiles(scratch(), {
    'reports/mine/zoned.sql': reportFile(
      frontMatterWith(
        'least: { description: At least as many, default: 1, min: 0 }',
        'tz: { description: Zone, default: UTC }',
      ),
      statement.replace('count(*) >= $least::bigint', "count(*) > 0 and $tz::varchar <> ''"),
    ),
  });
  const { stderr } = await wattduck(['report', 'zoned', '--help', '--sql-dir', folder]);
  // Either the file is refused when it is loaded, or it works; never a fault of the program's own.
  expect(stderr).toMatch(/^$|^error: .*zoned\.sql:5: /);
});

test('totals are written in the subset too', async () => {
  const totals = frontMatterWith('{ shape: tinybird }', '{ shape: list, totals: { middle: median(sessions) } }');
  expect(await catalogError(reportFile(totals))).toMatch(/probe\.sql:12: .*median/);
});
