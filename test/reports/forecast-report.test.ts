import { describe, expect, test } from 'vitest';
import type { RawParameters } from '../../src/catalog/definitions.ts';
import { runReport, startReport, type Answer } from '../../src/reports/run-report.ts';
import { writeFiles } from '../catalog/report-file.ts';
import { scratch } from '../support/cli.ts';
import { expectedRange } from '../support/daily-series.ts';
import { openEngine } from '../support/duckdb.ts';

const view = (sql: string): string => `/*---\ntitle: V\ndescription: D.\n---*/\n${sql}\n`;
const report = (series: string, from: string, columns: string): string => `/*---
title: R
description: D.
columns: { ${columns
  .split(', ')
  .map((name) => `${name}: { description: D, nullable: true }`)
  .join(', ')} }
key: [series]
sort: { default: series, allow: [] }
page: { kind: none }
answer: { shape: list }
forecast: { series: ${series} }
---*/
select ${columns} from ${from}
`;

/** Days from 1 January 2024 on, each with its index as value. */
const from = (rows: string): string =>
  `select series, bucket_of_date('day', date '2024-01-01' + interval (n) day) as day, amount::double as value, active from (${rows}) as days`;
const days = (name: string, until: number, amount = '2', active = '1::bigint'): string =>
  `select ${name} as series, n, ${amount} as amount, ${active} as active from (select unnest(range(${until})) as n) as of_${until}`;

const views: Record<string, string> = {
  twenty: from(days("'a'", 20)),
  three: from(['b', 'a', 'c'].map((name, at) => days(`'${name}'`, 14 + at)).join(' union all ')),
  mixed: from([days("'short'", 13), days("'long'", 14)].join(' union all ')),
  short: from([days("'x'", 1), days("'y'", 2)].join(' union all ')),
  one: from(days("''", 1)),
  unnamed: from(days('null::varchar', 14)),
  gap: from(`select * from (${days("'a'", 20)}) as whole where n <> 7`),
  twice: from(`${days("'a'", 20)} union all select 'a' as series, 3 as n, 1 as amount, 1::bigint as active`),
  empty_value: from(days("'a'", 20, 'case when n <> 7 then 2 end')),
  no_number: from(days("'a'", 20, "case n when 7 then 'NaN'::double else 2 end")),
  no_active: from(days("'a'", 20, '2', 'case when n <> 7 then 1::bigint end')),
  quiet: from(
    [
      days("'a'", 60, 'case when n < 20 then 2 else 0 end', 'case when n < 47 then 1::bigint else 0 end'),
      days("'b'", 60, 'case when n < 31 then 1 else 0 end', 'case when n < 58 then 1::bigint else 0 end'),
    ].join(' union all '),
  ),
  not_yet: from(days("'a'", 48, 'case when n < 20 then 2 else 0 end', 'case when n < 47 then 1::bigint else 0 end')),
  never: from(days("'a'", 60, '0', '0::bigint')),
  endless: `select 'a' as series, date '2024-01-01' as day, 1::double as value, 1::bigint as active from (select unnest(range(3200)) as n) as of_n cross join (select unnest(range(3200)) as m) as of_m`,
};

const folder = writeFiles(scratch(), {
  ...Object.fromEntries(
    Object.entries(views).flatMap(([name, sql]) => [
      [`views/${name}.sql`, view(sql)],
      [`reports/mine/sums_of_${name}.sql`, report(name, 'forecast_totals', 'series, horizon_days, value, low, high')],
    ]),
  ),
  'reports/mine/days_of_mixed.sql': report('mixed', 'forecast_days', 'series, day, actual, value, low, high'),
  'reports/mine/models_of_mixed.sql': report(
    'mixed',
    'forecast_models',
    'series, model, history_from, history_to, history_days, active, outliers, origins, error, naive_error, coverage, value',
  ),
});
const { duckdb, catalog } = await openEngine([folder]);
const context = { now: new Date('2026-01-01T00:00:00Z'), label: (name: string) => `--${name}` };
const run = async (name: string, given: RawParameters = {}): Promise<Answer> =>
  runReport(duckdb, await catalog.report(name), given, context);

/** The expected forecast of a short history, up to rounding. */
const about = (perDay: number, horizon: number): object =>
  Object.fromEntries(
    Object.entries(expectedRange(perDay, horizon)).map(([name, value]) => [name, expect.closeTo(value, 9)]),
  );

describe('horizons', () => {
  test('are sorted and distinct, with or without spaces', async () => {
    const { rows } = await run('sums_of_twenty', { horizons: '60, 7,60 ,007' });
    expect(rows).toEqual([
      { series: 'a', horizon_days: 7, ...about(2, 7) },
      { series: 'a', horizon_days: 60, ...about(2, 60) },
    ]);
  });

  test('are 30, 60 and 90 days by default', async () => {
    expect((await run('sums_of_twenty')).rows.map((row) => row['horizon_days'])).toEqual([30, 60, 90]);
  });

  test.each([
    ['', 'invalid value "" for --horizons: expected a number of days'],
    ['30,', 'invalid value "" for --horizons: expected a number of days'],
    ['0', 'invalid value "0" for --horizons: expected a number of days'],
    ['366', 'invalid value "366" for --horizons: expected a number of days'],
    ['-7', 'invalid value "-7" for --horizons: expected a number of days'],
    ['7.5', 'invalid value "7.5" for --horizons: expected a number of days'],
    ['1e2', 'invalid value "1e2" for --horizons: expected a number of days'],
    ['a month', 'invalid value "a month" for --horizons: expected a number of days'],
    ['30;60', 'invalid value "30;60" for --horizons: expected a number of days'],
    ['1,2,3,4,5,6,7,8,9,10,11,12,13', '--horizons has 13 horizons, the maximum is 12'],
  ])('"%s" is rejected', async (horizons, message) => {
    await expect(run('sums_of_twenty', { horizons })).rejects.toMatchObject({ kind: 'usage', message });
  });

  test('can be up to twelve', async () => {
    expect((await run('sums_of_twenty', { horizons: '1,2,3,4,5,6,7,8,9,10,11,12,12' })).total).toBe(12);
  });
});

test.each([['0.49'], ['0.991'], ['1'], ['80']])('a confidence of %s is refused', async (confidence) => {
  await expect(run('sums_of_twenty', { confidence })).rejects.toMatchObject({
    kind: 'usage',
    message: `invalid value "${confidence}" for --confidence: must be between 0.5 and 0.99`,
  });
});

test.each(['forecast', 'history'])('%s is no parameter of the sums', async (name) => {
  await expect(run('sums_of_twenty', { [name]: '1' })).rejects.toMatchObject({
    kind: 'usage',
    message: `unknown parameter --${name}`,
  });
});

test('the internal forecast parameter cannot be set for daily reports either', async () => {
  await expect(run('days_of_mixed', { forecast: '[]' })).rejects.toMatchObject({
    kind: 'usage',
    message: 'unknown parameter --forecast',
  });
});

describe('series', () => {
  test('are forecast separately, in order of name; the total has no name', async () => {
    expect(
      (await run('sums_of_three', { horizons: '1' })).rows.map(({ series: name, value }) => [name, value]),
    ).toEqual([
      ['a', 2],
      ['b', 2],
      ['c', 2],
    ]);
    expect((await run('sums_of_unnamed', { horizons: '5' })).rows).toEqual([
      { series: '', horizon_days: 5, ...about(2, 5) },
    ]);
  });

  test('of less than two weeks are listed without numbers', async () => {
    const empty = { value: null, low: null, high: null };
    expect((await run('sums_of_mixed', { horizons: '3,5' })).rows).toEqual([
      { series: 'long', horizon_days: 3, ...about(2, 3) },
      { series: 'long', horizon_days: 5, ...about(2, 5) },
      { series: 'short', horizon_days: 3, ...empty },
      { series: 'short', horizon_days: 5, ...empty },
    ]);
    const models = (await run('models_of_mixed', { horizons: '3' })).rows;
    expect(models[0]).toMatchObject({
      series: 'long',
      model: 'seasonal mean',
      history_from: '2024-01-01',
      history_to: '2024-01-14',
      history_days: 14,
      active: 1,
    });
    expect(models.at(-1)).toEqual({
      series: 'short',
      model: null,
      history_from: '2024-01-01',
      history_to: '2024-01-13',
      history_days: 13,
      active: 1,
      outliers: null,
      origins: null,
      error: null,
      naive_error: null,
      coverage: null,
      value: null,
    });
    // The first series ends on the 14th with a forecast; the second has only its history.
    expect((await run('days_of_mixed', { horizons: '1', history: '1' })).rows).toEqual([
      { series: 'long', day: '2024-01-14', actual: 2, ...empty },
      {
        series: 'long',
        day: '2024-01-15',
        actual: null,
        value: 2,
        low: expect.closeTo(1.12, 9),
        high: expect.closeTo(2.88, 9),
      },
      { series: 'short', day: '2024-01-13', actual: 2, ...empty },
    ]);
  });

  test.each([
    ['short', 'history too short to forecast: the longest of 2 series has 2 days from 2024-01-01 to 2024-01-02'],
    ['one', 'history too short to forecast: 1 day on 2024-01-01'],
  ])('that are all too short give no rows, and a note with their length: %s', async (name, message) => {
    const note = `${message}. At least 14 days are needed: import older data, or forecast from 2024-01-15 on.`;
    expect(await run(`sums_of_${name}`)).toMatchObject({ rows: [], total: 0, notes: [note] });
  });

  test.each([
    ['gap', 'gap is not a daily series of "a": 19 rows for the 20 days from 2024-01-01 to 2024-01-20'],
    ['twice', 'twice is not a daily series of "a": 21 rows for the 20 days from 2024-01-01 to 2024-01-20'],
    [
      'empty_value',
      'empty_value is not a daily series of "a": 20 rows, not all with a number, for the 20 days from 2024-01-01 to 2024-01-20',
    ],
    [
      'no_number',
      'no_number is not a daily series of "a": 20 rows, not all with a number, for the 20 days from 2024-01-01 to 2024-01-20',
    ],
    [
      'no_active',
      'no_active is not a daily series of "a": 20 rows, not all with a number, for the 20 days from 2024-01-01 to 2024-01-20',
    ],
  ])('with a missing day or value are rejected: %s', async (name, message) => {
    await expect(run(`sums_of_${name}`)).rejects.toMatchObject({
      kind: 'failed',
      message,
      hint: 'Every day must occur once, with 0 when nothing happened.',
    });
  });

  test('with too many days are rejected', async () => {
    await expect(run('sums_of_endless')).rejects.toMatchObject({
      kind: 'usage',
      message: 'more than 10,000,000 days of history in all series together',
    });
  });
});

describe('notes', () => {
  test('report 28 days without activity in all series', async () => {
    // The last activity is on 31 January; the history ends on 29 February.
    expect((await run('sums_of_quiet')).notes).toEqual([
      'no activity since 2024-01-31: the 29 days before the forecast are empty',
    ]);
    expect((await run('sums_of_not_yet')).notes).toEqual([
      'no activity since 2024-01-20: the 28 days before the forecast are empty',
    ]);
  });

  test.each(['twenty', 'never'])('are none where there is nothing to tell: %s', async (name) => {
    expect((await run(`sums_of_${name}`)).notes).toEqual([]);
  });
});

test('progress is reported, and an interrupt cancels the forecast', async () => {
  const told: [number, number][] = [];
  const asked = await catalog.report('sums_of_three');
  await startReport(duckdb, asked, {}, { ...context, onForecast: (done, of) => told.push([done, of]) });
  expect(told.length).toBeGreaterThanOrEqual(3);
  expect(told.every(([done, of]) => done <= 3 && of === 3)).toBe(true);
  let times = 0;
  const broken = startReport(
    duckdb,
    asked,
    {},
    {
      ...context,
      onForecast: () => {
        times += 1;
        duckdb.interrupt();
      },
    },
  );
  await expect(broken).rejects.toMatchObject({ kind: 'interrupted' });
  expect(times).toBe(1);
  duckdb.clearInterrupt();
});

describe('planned charge points', () => {
  // Twenty days of 2 from one charge point, up to 20 January.
  const sums = async (plan: string): Promise<unknown[]> =>
    (await run('sums_of_twenty', { horizons: '5,10', plan })).rows.map(
      ({ value }) => Math.round(Number(value) * 1e6) / 1e6,
    );

  test('add their share of the forecast from their day on', async () => {
    expect(await sums('+1@2024-01-26')).toEqual([10, 30]);
    expect(await sums('1@2024-01-21, +2@2024-01-29')).toEqual([20, 48]);
    expect(await sums('-1@2024-01-21')).toEqual([0, 0]);
    // Beyond the horizon.
    expect(await sums('+5@2025-01-01')).toEqual([10, 20]);
  });

  test.each([
    ['ten', 'invalid value "ten" for --plan: expected a number of charge points and a day'],
    ['+1@2024-02-30', 'invalid value "+1@2024-02-30" for --plan: expected'],
    ['+1@2024-01-26,', 'invalid value "" for --plan: expected'],
    ['+1@2024-01-20', 'invalid value "+1@2024-01-20" for --plan: the forecast begins on 2024-01-21'],
    ['-2@2024-01-26', 'it closes more charge points than the 1 active ones'],
    ['-1@2024-01-26,+5@2024-01-30,-6@2024-01-27', 'it closes more charge points than'],
  ])('%j is an error', async (plan, message) => {
    await expect(sums(plan)).rejects.toThrow(message);
  });

  test('apply to one series of an active network', async () => {
    await expect(run('sums_of_three', { plan: '+1@2025-01-01' })).rejects.toThrow(
      '--plan applies to one series, and there are 3',
    );
    await expect(run('sums_of_never', { plan: '+1@2025-01-01' })).rejects.toThrow('--plan needs active charge points');
  });
});

describe('public holidays', () => {
  // Twenty days of 2, up to 20 January. 15 January was a holiday like any day, 19 February is the next.
  const sums = async (given: RawParameters, holidays?: string): Promise<unknown[]> =>
    (
      await runReport(
        duckdb,
        await catalog.report('sums_of_twenty'),
        { horizons: '29,30', ...given },
        { ...context, holidays: { value: holidays, origin: 'WATTDUCK_HOLIDAYS' } },
      )
    ).rows.map(({ value }) => Math.round(Number(value) * 1e6) / 1e6);
  // Four holidays of other networks with 57 %, and one own with 100 %.
  const withHoliday = [58, 58 + (2 * (4 * 0.57 + 1)) / 5];

  test('lower the forecast of their days', async () => {
    expect(await sums({ holidays: 'US' })).toEqual(withHoliday);
    expect(await sums({ holidays: 'DE' })).toEqual([58, 60]);
  });

  test('are those of the setting by default, and off without one', async () => {
    expect(await sums({}, 'US')).toEqual(withHoliday);
    expect(await sums({ holidays: 'none' }, 'US')).toEqual([58, 60]);
    expect(await sums({})).toEqual([58, 60]);
  });

  test('count from the first day of each series', async () => {
    const { rows } = await run('days_of_mixed', { horizons: '40', holidays: 'US' });
    // The longer series ends on 14 January.
    const day = (date: string): object | undefined => rows.find((row) => String(row['day']).startsWith(date));
    expect(day('2024-02-18')).toMatchObject({ series: 'long', value: expect.closeTo(2, 9) });
    expect(day('2024-02-19')).toMatchObject({ series: 'long', value: expect.closeTo(2 * 0.57, 9) });
  });

  test.each([
    ['USA', 'invalid value "USA" for --holidays: expected a country such as DE'],
    ['US-XX', 'invalid value "US-XX" for --holidays: region not found in US'],
  ])('%s is an error', async (holidays, message) => {
    await expect(sums({ holidays })).rejects.toThrow(message);
    await expect(sums({}, holidays)).rejects.toThrow(message.replace('--holidays', 'WATTDUCK_HOLIDAYS'));
  });
});
