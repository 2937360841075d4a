import { describe, expect, test } from 'vitest';
import { scratch, wattduck } from '../support/cli.ts';
import { catalogError, frontMatterWith, reportFile, statement, writeFiles } from './report-file.ts';

/** Files that pass every other check but could not run: each is rejected when loaded, with its line. */
describe('a default that its report would reject', () => {
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
    ['a page of no rows', reportFile(frontMatterWith('default: 10', 'default: 0')), /probe\.sql:11: .*0/],
    [
      'a number that is not a number',
      reportFile(frontMatterWith('default: 1,', 'default: many,')),
      /probe\.sql:5: .*many/,
    ],
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

describe('types the binder does not support', () => {
  // The binder would pass values of other types to DuckDB unchecked.
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
  // The file is rejected when loaded, or it works; it never causes an internal error.
  expect(stderr).toMatch(/^$|^error: .*zoned\.sql:5: /);
});

test('totals must be portable too', async () => {
  const totals = frontMatterWith('{ shape: tinybird }', '{ shape: list, totals: { middle: median(sessions) } }');
  expect(await catalogError(reportFile(totals))).toMatch(/probe\.sql:12: .*median/);
});
