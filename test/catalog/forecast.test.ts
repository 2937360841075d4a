import { describe, expect, test } from 'vitest';
import { scratch } from '../support/cli.ts';
import { openEngine } from '../support/duckdb.ts';
import { catalogError, writeFiles } from './report-file.ts';

/** The daily orders of a shop; its statement begins on line 7. */
const orders = (select: string, param = '  as_of: { description: Until then, role: now }'): string =>
  ['/*---', 'title: Orders', 'description: D.', 'params:', param, '---*/', select, ''].join('\n');
const counted = `select '' as series, cast(event_timestamp as date) as day, count(*)::double as value, 1::bigint as active
from customer_events where event_timestamp < $as_of::timestamp group by cast(event_timestamp as date)`;

/** The report of their totals: forecast is on line 12, params (if any) on line 13. */
const totals = (
  forecast = 'forecast: { series: orders, daily: order_days }',
  more: readonly string[] = [],
  sql = 'select horizon_days, value from forecast_totals',
): string =>
  [
    '/*---',
    'title: Orders to come',
    'description: D.',
    'columns:',
    '  horizon_days: { description: Days }',
    '  value: { description: Orders, nullable: true }',
    'key: [horizon_days]',
    'sort: { default: horizon_days, allow: [] }',
    'page: { kind: none }',
    'answer: { shape: list }',
    'explain: order_days',
    ...(forecast === '' ? [] : [forecast]),
    ...more,
    '---*/',
    sql,
    '',
  ].join('\n');

/** The daily report: its chart is on line 14, its forecast on line 15. */
const days = (
  fan = 'chart: { kind: fan, x: day, y: actual, forecast: value, low: low, high: high }',
  forecast = 'forecast: { series: orders }',
): string =>
  [
    '/*---',
    'title: Orders each day',
    'description: D.',
    'columns:',
    '  day: { description: Day }',
    ...['actual', 'value', 'low', 'high'].map((name) => `  ${name}: { description: Number, nullable: true }`),
    'key: [day]',
    'sort: { default: day, allow: [] }',
    'page: { kind: none }',
    'answer: { shape: list }',
    ...(fan === '' ? [] : [fan]),
    ...(forecast === '' ? [] : [forecast]),
    '---*/',
    'select day, actual, value, low, high from forecast_days',
    '',
  ].join('\n');

const shop = (files: Partial<Record<'orders' | 'totals' | 'days', string>> = {}): Record<string, string> => ({
  'views/orders.sql': files.orders ?? orders(counted),
  'reports/shop/order_forecasts.sql': files.totals ?? totals(),
  'reports/shop/order_days.sql': files.days ?? days(),
});

describe('a report with a forecast', () => {
  test('has the parameters of its series and of every forecast, but not the parameter forecast', async () => {
    const { catalog } = await openEngine([writeFiles(scratch(), shop())]);
    const [sums, each] = [await catalog.report('order_forecasts'), await catalog.report('order_days')];
    expect(sums.parameters.map(({ name, inSql }) => [name, inSql])).toEqual([
      ['as_of', false],
      ['tz', false],
      ['horizons', false],
      ['confidence', false],
      ['plan', false],
      ['holidays', false],
    ]);
    expect(sums.parameters.find(({ name }) => name === 'confidence')).toMatchObject({
      type: 'DOUBLE',
      default: '0.8',
      min: 0.5,
      max: 0.99,
    });
    expect(each.parameters.map(({ name }) => name)).toEqual([
      'as_of',
      'tz',
      'horizons',
      'confidence',
      'plan',
      'holidays',
      'history',
    ]);
    expect(sums.forecast).toMatchObject({ series: { name: 'orders' }, daily: 'order_days' });
    expect(each.charts).toEqual([{ kind: 'fan', x: 'day', y: 'actual', forecast: 'value', low: 'low', high: 'high' }]);
    expect([sums.tables, each.tables].map((tables) => tables.includes('customer_events'))).toEqual([true, true]);
  });

  test('describes parameters that both its SQL and the series use', async () => {
    const named = totals(
      undefined,
      ['params:', '  as_of: { description: The moment, role: now }'],
      'select horizon_days, value from forecast_totals where $as_of::timestamp is not null',
    );
    const { catalog } = await openEngine([writeFiles(scratch(), shop({ totals: named }))]);
    expect((await catalog.report('order_forecasts')).parameters[0]).toMatchObject({
      name: 'as_of',
      description: 'The moment',
      inSql: true,
    });
  });
});

const [sums, each] = ['reports/shop/order_forecasts.sql', 'reports/shop/order_days.sql'];

describe('an invalid forecast is rejected', () => {
  const wanted = 'A daily series returns series varchar, day date, value double, active bigint.';
  test.each([
    [
      'of an unknown view',
      { totals: totals('forecast: { series: order }') },
      `${sums}:12: view "order" not found. Did you mean orders?`,
    ],
    [
      'without a view',
      { totals: totals('forecast: { daily: order_days }') },
      `${sums}:12: missing key "forecast.series". Add it to the front matter.`,
    ],
    [
      'with an unknown key',
      { totals: totals('forecast: { series: orders, weekly: order_days }') },
      `${sums}:12: unknown key "forecast.weekly". Known: series, daily.`,
    ],
    [
      'that is not a map',
      { totals: totals('forecast: orders') },
      `${sums}:12: "forecast" must be key: value pairs, not "orders"`,
    ],
    [
      'of a view without active',
      { orders: orders(counted.replace(', 1::bigint as active', '')) },
      `${each}:15: view orders has no column "active". ${wanted}`,
    ],
    [
      'of a view with timestamps as days',
      {
        orders: orders(
          "select '' as series, event_timestamp as day, 1::double as value, 1::bigint as active from customer_events where event_timestamp < $as_of::timestamp",
        ),
      },
      `${each}:15: column "day" of view orders is timestamp. ${wanted}`,
    ],
    [
      'of a view with integers',
      { orders: orders(counted.replace('count(*)::double', 'count(*)')) },
      `${each}:15: column "value" of view orders is bigint. ${wanted}`,
    ],
    [
      'with an unknown daily report',
      { totals: totals('forecast: { series: orders, daily: order_dys }') },
      `${sums}:12: report "order_dys" not found. Did you mean order_days?`,
    ],
    [
      'with a daily report of another series',
      { totals: totals('forecast: { series: orders, daily: revenue_forecast_days }') },
      `${sums}:12: report "revenue_forecast_days" forecasts another series. Set its forecast.series to orders.`,
    ],
    [
      'with a daily report without a fan chart',
      { days: days('chart: { kind: line, x: day, y: value }') },
      `${sums}:12: report "order_days" has no fan chart. Add a chart of kind fan with x, y, forecast, low and high.`,
    ],
    [
      'that the SQL does not read',
      { totals: totals(undefined, [], 'select 30 as horizon_days, 1 as value') },
      `${sums}:12: the SQL does not read the forecast. Select from forecast_totals, forecast_days or forecast_models.`,
    ],
    [
      'that the SQL reads but the front matter does not define',
      { totals: totals('') },
      `${sums}:12: the SQL reads a forecast, but none is defined. Set forecast.series to the view of a daily series.`,
    ],
    [
      'with a parameter of the series in another type',
      {
        totals: totals(
          undefined,
          ['params:', '  as_of: { description: The day }'],
          'select horizon_days, value from forecast_totals where $as_of::date is not null',
        ),
      },
      `${sums}:15: parameter $as_of is DATE here, but TIMESTAMP in orders. Use one type in both.`,
    ],
    [
      'with a parameter named horizons',
      {
        totals: totals(
          undefined,
          ['params:', '  horizons: { description: Mine }'],
          'select horizon_days, value from forecast_totals where $horizons::varchar is not null',
        ),
      },
      `${sums}:14: parameter name "horizons" is reserved. Choose another name.`,
    ],
    [
      'with a series with a parameter named confidence',
      {
        orders: orders(
          counted.replace('$as_of::timestamp', '$as_of::timestamp and $confidence::double > 0'),
          '  as_of: { description: Until then, role: now }\n  confidence: { description: Mine }',
        ),
      },
      /order_days\.sql:\d+: parameter name "confidence" is reserved\. Choose another name\./,
    ],
    [
      'with a fan chart without high',
      { days: days('chart: { kind: fan, x: day, y: actual, forecast: value, low: low }') },
      `${each}:14: missing key "chart.high". Add it to the front matter.`,
    ],
    [
      'with a fan chart of an unknown column',
      { days: days('chart: { kind: fan, x: day, y: actual, forecast: value, low: lowest, high: high }') },
      `${each}:14: column "lowest" not found in this report. Known: day, actual, value, low, high.`,
    ],
    [
      'with a line chart with an interval',
      { days: days('chart: { kind: line, x: day, y: actual, low: low }') },
      `${each}:14: unknown key "chart.low". Known: kind, name, with, x, y, series, more.`,
    ],
    [
      'with role forecast under another name',
      {
        totals: totals(
          undefined,
          ['params:', '  found: { description: Found, role: forecast }'],
          'select horizon_days, value from forecast_totals where $found::varchar is not null',
        ),
      },
      `${sums}:14: role forecast is only for parameter $forecast. Rename the parameter, or remove the role.`,
    ],
    [
      'with a parameter named forecast without the role',
      { totals: totals(undefined, ['params:', '  forecast: { description: Found }']) },
      `${sums}:14: parameter name "forecast" is reserved for role forecast. Set role: forecast, or choose another name.`,
    ],
  ])('%s', async (_, files, expected) => {
    const error = await catalogError(shop(files));
    if (typeof expected === 'string') expect(error).toBe(expected);
    else expect(error).toMatch(expected);
  });
});
