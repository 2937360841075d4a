import { describe, expect, test } from 'vitest';
import { openEngine } from '../support/duckdb.ts';
import { writeReports } from '../support/report-files.ts';
import { catalogError, frontMatter, reportFile } from './report-file.ts';

const path = 'reports/mine/probe.sql';

/** Two dates per station, so that the key is station and day; the chart is on line 14. */
const file = (...chart: string[]): string =>
  reportFile(
    [
      'title: Energy by station and day',
      'description: Of each station.',
      'params:',
      '  granularity: { description: Length, choices: [day, all], default: day, role: granularity }',
      '  least: { description: At least, default: 1, min: 0 }',
      'columns:',
      '  station_id: { description: Station }',
      '  day: { description: Day }',
      '  kwh: { description: Energy, unit: kWh }',
      '  part: { description: Part, unit: share }',
      '  raw: { description: Raw }',
      'key: [station_id, day]',
      ...chart,
      'sort: { default: -kwh, allow: [kwh] }',
      'page: { kind: limit, default: 10, max: 100 }',
      'answer: { shape: tinybird }',
    ],
    [
      'select station_id, start_time::date as day, sum(energy_kwh) as kwh, 0.5::double as part, max(transaction_data) as raw',
      'from charging_sessions',
      "where $granularity::varchar <> '' and $least::bigint > 0",
      'group by 1, 2',
    ].join('\n'),
  );

describe('accepted', () => {
  test.each([
    ['the key as x and series', 'chart: { kind: line, x: day, y: kwh, series: station_id }'],
    ['the key as x and id', 'chart: { kind: hbar, x: station_id, id: day, y: kwh }'],
    ['the key as x and y', 'chart: { kind: heatmap, x: day, y: station_id, value: part, top: 30, opens: station }'],
    ['a strip', 'chart: { kind: strip, x: day, y: station_id, value: part, levels: [0.97, 0.999], better: up }'],
    [
      'a day that the granularity fixes',
      'chart: { kind: hbar, x: station_id, y: kwh, with: { granularity: all, sort: -kwh } }',
    ],
  ])('%s', async (_, chart) => {
    expect(await catalogError(file(chart))).toBe('none');
  });

  test('several charts', async () => {
    expect(
      await catalogError(
        file(
          'chart:',
          '  - { kind: line, x: day, y: kwh, series: station_id }',
          '  - { name: shade, kind: heatmap, x: day, y: station_id, value: part }',
        ),
      ),
    ).toBe('none');
  });

  test('charts of a user report are read like the built-in ones', async () => {
    const folder = writeReports({
      probe: {
        frontMatter: ['chart: { kind: hbar, x: station_id, y: n, levels: [1, 2], better: down, more: [n] }'],
        columns: ['station_id', 'n'],
        sql: 'select station_id, count(*) as n from charging_sessions group by 1',
      },
    });
    const { catalog } = await openEngine([folder]);
    expect((await catalog.report('probe')).charts).toEqual([
      { kind: 'hbar', x: 'station_id', y: 'n', levels: [1, 2], better: 'down', more: ['n'] },
    ]);
  });
});

describe('rejected', () => {
  test.each([
    [
      'several rows per mark',
      'chart: { kind: bar, x: day, y: kwh }',
      'the chart has several rows per mark: its columns do not include station_id, part of the key station_id, day. Add it as x, series or id, or fix it with a parameter under with.',
    ],
    [
      'a heatmap of one of two keys',
      'chart: { kind: heatmap, x: station_id, y: station_id, value: part }',
      'the chart has several rows per mark: its columns do not include day, part of the key station_id, day. Add it as x, series or id, or fix it with a parameter under with.',
    ],
    [
      'one number of many rows',
      'chart: { kind: number, value: kwh }',
      'the chart has several rows per mark: its columns do not include station_id, day, part of the key station_id, day. Add it as x, series or id, or fix it with a parameter under with.',
    ],
    [
      'an unknown kind',
      'chart: { kind: treemaps, x: day, y: kwh }',
      'invalid value "treemaps" for "chart.kind". Known: line, bar, hbar, heatmap, strip, fan, number.',
    ],
    ['no kind', 'chart: { x: day, y: kwh }', 'missing key "chart.kind". Add it to the front matter.'],
    [
      'an unknown column',
      'chart: { kind: line, x: day, y: energy, series: station_id }',
      'column "energy" not found in this report. Known: station_id, day, kwh, part, raw.',
    ],
    [
      'an unknown id',
      'chart: { kind: hbar, x: station_id, id: [day, stat], y: kwh }',
      'column "stat" not found in this report. Did you mean station_id?',
    ],
    [
      'an unknown further column',
      'chart: { kind: hbar, x: station_id, id: day, y: kwh, more: [sessions] }',
      'column "sessions" not found in this report. Known: station_id, day, kwh, part, raw.',
    ],
    [
      'text as the value',
      'chart: { kind: hbar, x: day, id: station_id, y: station_id }',
      '"chart.y": column "station_id" is varchar, expected a number. Choose another column.',
    ],
    [
      'JSON as the label',
      'chart: { kind: hbar, x: raw, id: [station_id, day], y: kwh }',
      '"chart.x": column "raw" is json, expected a text, number, date or time. Choose another column.',
    ],
    [
      'a fan over names',
      'chart: { kind: fan, x: station_id, y: kwh, forecast: part, low: part, high: part }',
      '"chart.x": column "station_id" is varchar, expected a date or time. Choose another column.',
    ],
    [
      'a key of another kind',
      'chart: { kind: line, x: day, y: kwh, series: station_id, top: 3 }',
      'unknown key "chart.top". Known: kind, name, with, x, y, series, more.',
    ],
    [
      'a misspelt key',
      'chart: { kind: line, x: day, y: kwh, serie: station_id }',
      'unknown key "chart.serie". Did you mean series?',
    ],
    [
      'too many labels',
      'chart: { kind: hbar, x: station_id, id: day, y: kwh, top: 1000 }',
      '"chart.top" must be an integer from 1 to 100, not 1000',
    ],
    [
      'levels in the wrong order',
      'chart: { kind: strip, x: day, y: station_id, value: part, levels: [99, 97] }',
      '"chart.levels" must be two numbers, the lower one first, not [99,97]',
    ],
    [
      'a strip without levels',
      'chart: { kind: strip, x: day, y: station_id, value: part }',
      'missing key "chart.levels". Add it to the front matter.',
    ],
    [
      'a direction',
      'chart: { kind: hbar, x: station_id, id: day, y: part, better: higher }',
      'invalid value "higher" for "chart.better". Known: up, down.',
    ],
    [
      'a page',
      'chart: { kind: hbar, x: station_id, id: day, y: part, opens: stations }',
      'invalid value "stations" for "chart.opens". Did you mean station?',
    ],
    [
      'an unknown parameter',
      'chart: { kind: hbar, x: station_id, id: day, y: part, with: { grain: all } }',
      'parameter "grain" not found in this report. Known: granularity, least, sort, limit.',
    ],
    [
      'a value that the parameter does not accept',
      'chart: { kind: hbar, x: station_id, y: part, with: { granularity: week } }',
      'invalid value "week" for "chart.with.granularity". Known: day, all.',
    ],
    [
      'a parameter value that is not a number',
      'chart: { kind: hbar, x: station_id, id: day, y: part, with: { least: many } }',
      '"chart.with.least" must be a number, not "many"',
    ],
    [
      'parts that do not add up',
      'chart: { kind: bar, x: day, y: part, series: station_id }',
      'parts of a bar cannot be a share: "part" does not add up. Omit series, or use a column that adds up.',
    ],
    ['an empty list', 'chart: []', '"chart" must be a chart, or a list of charts, not []'],
    ['text', 'chart: line', '"chart" must be key: value pairs, not "line"'],
  ])('%s', async (_, chart, expected) => {
    expect(await catalogError(file(chart))).toBe(`${path}:14: ${expected}`);
  });

  const line = 'kind: line, x: day, y: kwh, series: station_id';

  test.each([
    [
      'a second chart without a name',
      [`  - { ${line} }`, `  - { ${line} }`],
      16,
      'missing key "chart.1.name". Add it to the front matter.',
    ],
    [
      'two charts of one name',
      [`  - { name: a, ${line} }`, `  - { name: a, ${line} }`],
      16,
      'chart name "a" is already used in this report. Choose another name.',
    ],
    [
      'a name with blanks',
      [`  - { ${line} }`, `  - { name: A b, ${line} }`],
      16,
      'chart name "A b" is invalid. Use lower-case letters, digits, _ and -.',
    ],
    [
      'an unknown column in the second',
      [`  - { ${line} }`, `  - { name: b, kind: line, x: day, y: energy, series: station_id }`],
      16,
      'column "energy" not found in this report. Known: station_id, day, kwh, part, raw.',
    ],
    ['a chart that is text', [`  - { ${line} }`, '  - line'], 16, '"chart.1" must be key: value pairs, not "line"'],
  ])('%s', async (_, charts, at, expected) => {
    expect(await catalogError(file('chart:', ...charts))).toBe(`${path}:${at}: ${expected}`);
  });
});

describe('roles of parameters', () => {
  const withRole = (role: string): string =>
    reportFile(frontMatter.map((line) => line.replace('default: 1, min: 0', `role: ${role}`)));

  test.each(['site', 'charge_point', 'customer', 'currency', 'granularity'])('%s is text', async (role) => {
    expect(await catalogError(withRole(role))).toBe(
      `${path}:5: role ${role} needs type VARCHAR, not BIGINT. Change the cast in the SQL.`,
    );
  });

  test('an unknown role', async () => {
    expect(await catalogError(withRole('sites'))).toBe(
      `${path}:5: invalid value "sites" for "params.least.role". Did you mean site?`,
    );
  });

  test('every report with such a parameter has its role', async () => {
    const { catalog } = await openEngine();
    const roles: Record<string, string> = {
      project_id: 'site',
      site_id: 'site',
      charge_point_id: 'charge_point',
      station_id: 'charge_point',
      customer_id: 'customer',
      currency: 'currency',
      granularity: 'granularity',
    };
    const parameters = (await catalog.reports()).flatMap(({ name, parameters: all }) =>
      all.filter((each) => each.name in roles).map((each) => [name, each.name, each.role]),
    );
    expect(parameters).toEqual(parameters.map(([report, name]) => [report, name, roles[name!]]));
    expect(parameters.length).toBeGreaterThan(40);
  });
});
