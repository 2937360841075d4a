import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { scratch, wattduck } from '../support/cli.ts';
import { openEngine } from '../support/duckdb.ts';
import { catalogError, writeFiles } from './report-file.ts';

const sourceHead = [
  'title: Weather',
  'description: One row an hour.',
  'key: [hour_id]',
  'version: seen',
  'columns:',
  '  hour_id: { description: Hour, aliases: [hour] }',
  '  degrees: { description: Temperature, unit: celsius }',
  '  seen: { description: When it was measured, required: true }',
  'checks:',
  '  - { when: degrees < -90, column: degrees, reason: is colder than ever }',
];
const ddl = 'create table weather (\n  hour_id varchar not null,\n  degrees double,\n  seen timestamp not null\n);';
const source = (lines: readonly string[] = sourceHead, sql = ddl): Record<string, string> => ({
  'sources/weather.sql': ['/*---', ...lines, '---*/', sql].join('\n'),
});
const swap = (from: string, to: string): string[] => sourceHead.map((line) => line.replace(from, to));

const report = `/*---
title: Weather report
description: Mean temperature.
columns: { days: { description: Hours, unit: count }, mean: { description: Mean, nullable: true } }
key: [days]
sort: { default: days, allow: [] }
page: { kind: none }
answer: { shape: object }
---*/
select count(*) as days, half(avg(degrees)) as mean from weather
`;

test('a file in sources/ creates a table for imports and reports, and a file in prelude/ a macro', async () => {
  const folder = scratch();
  const own = writeFiles(join(folder, 'sql'), {
    ...source(),
    'reports/mine/mean.sql': report,
    'prelude/mine.sql': 'create macro half(x) as x / 2::double;',
  });
  const [csv, db] = [join(folder, 'w.csv'), join(folder, 'w.duckdb')];
  writeFileSync(csv, 'hour,degrees,seen\nh1,10,2024-01-01 00:00\nh2,20,2024-01-01 01:00\nh3,-100,2024-01-01 02:00\n');
  const { status } = await wattduck(['ingest', csv, '--source', 'weather', '--sql-dir', own, '--db', db]);
  expect(status).toBe(0);
  // Half of the mean of 10 and 20; the third row is rejected.
  expect(JSON.parse((await wattduck(['report', 'mean', '--sql-dir', own, '--db', db, '--json'])).stdout)).toEqual({
    days: 2,
    mean: 7.5,
  });
  const { stdout } = await wattduck([
    'report',
    'quarantine-rows',
    '--sql-dir',
    own,
    '--db',
    db,
    '--columns',
    'line,column_name,value,reason',
    '--format',
    'csv',
  ]);
  expect(stdout).toBe('line,column_name,value,reason\n4,degrees,-100,is colder than ever\n');
});

test('the catalog lists it with types from the DDL', async () => {
  const { catalog } = await openEngine([writeFiles(scratch(), source())]);
  const weather = await catalog.source('weather');
  expect(weather.columns.map(({ name, type, required }) => [name, type, required])).toEqual([
    ['hour_id', 'VARCHAR', true],
    ['degrees', 'DOUBLE', false],
    ['seen', 'TIMESTAMP', true],
  ]);
  expect([weather.key, weather.version, weather.checks]).toEqual([
    ['hour_id'],
    'seen',
    [{ when: 'degrees < -90', column: 'degrees', reason: 'is colder than ever' }],
  ]);
  await expect(catalog.source('wether')).rejects.toMatchObject({
    fullMessage: 'source "wether" not found. Did you mean weather?',
  });
});

describe('an invalid source is rejected', () => {
  test.each([
    [
      'with a column the table lacks',
      source(swap('  degrees:', '  degree:')),
      '8: column "degree" not found in weather. Did you mean degrees?',
    ],
    [
      'with a column not described',
      source(sourceHead.filter((line) => !line.startsWith('  degrees'))),
      '6: column "degrees" is not described. Add it under columns.',
    ],
    [
      'with an unknown key column',
      source(swap('[hour_id]', '[hour]')),
      '4: column "hour" not found in weather. Did you mean hour_id?',
    ],
    [
      'with an unknown version column',
      source(swap('version: seen', 'version: sen')),
      '5: column "sen" not found in weather. Did you mean seen?',
    ],
    [
      'with a check of an unknown column',
      source(swap('column: degrees', 'column: degree')),
      '11: column "degree" not found in weather. Did you mean degrees?',
    ],
    [
      'with a check without a reason',
      source(swap(', reason: is colder than ever', '')),
      '11: missing key "checks.0.reason". Add it to the front matter.',
    ],
    [
      'with the old key recognise',
      source([...sourceHead, 'recognise: [degrees]']),
      '12: key "recognise" was renamed. Use detect_by.',
    ],
    ['with the old key doubts', source([...sourceHead, 'doubts: []']), '12: key "doubts" was renamed. Use warnings.'],
    [
      'with the old key after of a column',
      source(swap('required: true', 'after: degrees')),
      '9: key "columns.seen.after" was renamed. Use not_before.',
    ],
    [
      'with a warning for an unknown column',
      source([...sourceHead, 'warnings:', '  - { when: degrees > 60, column: degree, reason: is hot }']),
      '13: column "degree" not found in weather. Did you mean degrees?',
    ],
    [
      'with a check that is a string',
      source([...sourceHead.slice(0, -1), '  - degrees < -90']),
      '11: "checks.0" must be key: value pairs, not "degrees < -90"',
    ],
    [
      'whose table has another name',
      source(sourceHead, ddl.replace('weather', 'wether')),
      '12: the statement does not create table "weather". File and table must have the same name.',
    ],
    [
      'without a version',
      source(sourceHead.filter((line) => !line.startsWith('version'))),
      '1: missing key "version". Add it to the front matter.',
    ],
    [
      'without front matter',
      { 'sources/weather.sql': ddl },
      '1: no front matter. Begin the file with /*---, then YAML, then ---*/.',
    ],
  ])('%s', async (_, files, expected) => {
    expect(await catalogError(files)).toBe(`sources/weather.sql:${expected}`);
  });

  test('with file and line of an invalid statement', async () => {
    // The statement begins on line 13; the type is on its third line.
    expect(await catalogError(source(sourceHead, ddl.replace('degrees double', 'degrees duble')))).toMatch(
      /^sources\/weather\.sql:15: .*duble/,
    );
    expect(await catalogError(source(sourceHead, ddl.replace('create table', 'create tabel')))).toMatch(
      /^sources\/weather\.sql:13: .*tabel/,
    );
  });

  test('with file and line of an invalid check', async () => {
    expect(await catalogError(source(swap('degrees < -90', 'degres < -90')))).toMatch(
      /^sources\/weather\.sql:11: .*degres/,
    );
  });

  test('with file and line of an invalid macro', async () => {
    expect(await catalogError({ 'prelude/mine.sql': 'create macro half(x) as x /;' })).toMatch(
      /^prelude\/mine\.sql:1: /,
    );
  });

  test('named like a built-in source', async () => {
    expect(await catalogError({ 'sources/charging_sessions.sql': ddl })).toBe(
      'sources/charging_sessions.sql:1: name "charging_sessions" is already used by sql/sources/charging_sessions.sql. Rename the file.',
    );
  });
});
