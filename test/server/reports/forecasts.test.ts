import { describe, expect, test } from 'vitest';
import { mediaTypes } from '../../../src/server/reports/formats.ts';
import { expectedRange } from '../../support/daily-series.ts';
import { dataSets, startInProcessServer } from '../../support/in-process-server.ts';

// Charge point S1 takes 3 euros on each day from 1 to 20 June 2025, S2 2.50, S3 1 from the 15th on, S4 2 francs on the 19th.
const { app, context, stderrText } = await startInProcessServer({ files: dataSets('steady') });
const own = '/api/v1/analytics/revenue/forecasts';
const pipe = '/v0/pipes/revenue_forecasts.json';
const asked = async (url: string): Promise<[number, unknown]> => {
  const { statusCode, json } = await app.inject(url);
  return [statusCode, json()];
};

/** Bounds of an interval, in cents. */
const ends = (perDay: number, days: number): [low: number, high: number] => {
  const { low, high } = expectedRange(perDay, days);
  return [Math.round(low * 100) / 100, Math.round(high * 100) / 100];
};

test('the response is that of the document: time, then each horizon with its total and interval', async () => {
  const { body } = await app.inject(`${own}?as_of=2025-06-15T10:00:00Z&charge_point_id=S1`);
  const forecast = (days: number): string => `    {
      "horizon_days": ${days},
      "forecast_revenue": ${days * 3},
      "confidence_low": ${ends(3, days)[0]},
      "confidence_high": ${ends(3, days)[1]}
    }`;
  expect(body).toBe(
    `{\n  "generated_at": "2025-06-15T10:00:00Z",\n  "forecasts": [\n${[30, 60, 90].map(forecast).join(',\n')}\n  ]\n}\n`,
  );
});

test('each element starts with its charge point or site if there are several', async () => {
  const { body } = await app.inject(`${own}?as_of=2025-06-16&by=charge_point&horizons=2`);
  expect(JSON.stringify(JSON.parse(body))).toBe(
    JSON.stringify({
      generated_at: '2025-06-16T00:00:00Z',
      forecasts: [
        {
          charge_point_id: 'S1',
          horizon_days: 2,
          forecast_revenue: 6,
          confidence_low: ends(3, 2)[0],
          confidence_high: ends(3, 2)[1],
        },
        {
          charge_point_id: 'S2',
          horizon_days: 2,
          forecast_revenue: 5,
          confidence_low: ends(2.5, 2)[0],
          confidence_high: ends(2.5, 2)[1],
        },
        { charge_point_id: 'S3', horizon_days: 2, forecast_revenue: null, confidence_low: null, confidence_high: null },
      ],
    }),
  );
  const sites = (await app.inject(`${own}?as_of=2025-06-16&by=project&horizons=2`)).json<{ forecasts: object[] }>()
    .forecasts;
  expect(sites.map((each) => Object.keys(each)[0])).toEqual(['project_id', 'project_id', 'horizon_days']);
});

test('energy, sessions and days have their own routes', async () => {
  const given = 'as_of=2025-06-15&horizons=1';
  expect(await asked(`/api/v1/analytics/energy/forecasts?${given}`)).toEqual([
    200,
    {
      generated_at: '2025-06-15T00:00:00Z',
      forecasts: [{ horizon_days: 1, forecast_energy_kwh: 15.5, confidence_low: 14.255, confidence_high: 16.745 }],
    },
  ]);
  expect(await asked(`/api/v1/analytics/sessions/forecasts?${given}`)).toEqual([
    200,
    {
      generated_at: '2025-06-15T00:00:00Z',
      forecasts: [{ horizon_days: 1, forecast_sessions: 2, confidence_low: 1.8, confidence_high: 2.2 }],
    },
  ]);
  for (const [path, key] of [
    ['revenue', 'revenue'],
    ['energy', 'energy_kwh'],
    ['sessions', 'sessions'],
  ]) {
    const days = (await app.inject(`/api/v1/analytics/${path}/forecasts/days?${given}&history=1`)).json<{
      data: Record<string, unknown>[];
    }>().data;
    expect([days.map(({ day }) => day), Object.keys(days[0]!).slice(0, 2)]).toEqual([
      ['2025-06-14', '2025-06-15'],
      ['day', key],
    ]);
    const models = (await app.inject(`/api/v1/analytics/${path}/forecasts/models?${given}`)).json<{ data: object[] }>()
      .data;
    expect(models).toMatchObject([
      {
        horizon_days: 1,
        history_from: '2025-06-01',
        history_to: '2025-06-14',
        history_days: 14,
        active_charge_points: 2,
      },
    ]);
  }
});

describe('errors', () => {
  test.each([
    [
      'horizons=30,0',
      'invalid_horizon',
      'invalid value "0" for horizons: expected a number of days',
      'Use integers from 1 to 365, separated by commas, for example 30,60,90.',
    ],
    [
      'confidence=0.4',
      'value_out_of_range',
      'invalid value "0.4" for confidence: must be between 0.5 and 0.99',
      undefined,
    ],
    ['by=month', 'invalid_choice', 'invalid value "month" for by', 'Accepted: charge_point, project.'],
  ])('400: %s', async (query, code, message, hint) => {
    expect(await asked(`${own}?${query}`)).toEqual([
      400,
      { error: { code, message, ...(hint === undefined ? {} : { hint }) } },
    ]);
    expect(await asked(`${pipe}?${query}`)).toEqual([
      400,
      { error: [message, ...(hint === undefined ? [] : [hint])].join('. '), documentation: '/docs' },
    ]);
  });
});

describe('no history', () => {
  test.each([
    [
      'as_of=2025-06-14',
      '2025-06-14T00:00:00Z',
      'history too short to forecast: 13 days from 2025-06-01 to 2025-06-13',
      'At least 14 days are needed: import older data, or forecast from 2025-06-15 on.',
    ],
    [
      'charge_point_id=S9&as_of=2025-06-15',
      '2025-06-15T00:00:00Z',
      'no history to forecast from before 2025-06-15 with charge_point_id "S9"',
      'Only complete days count. IDs and names are case-sensitive.',
    ],
  ])('is an empty list with a note, in every format: %s', async (query, generatedAt, message, hint) => {
    const note = `${message}. ${hint}`;
    // The second response comes from the cache.
    for (const kept of [0, 1]) {
      const before = context.responder.counts.kept;
      const { statusCode, headers, body } = await app.inject(`${own}?${query}`);
      expect([statusCode, headers['wattduck-note'], JSON.parse(body)]).toEqual([
        200,
        note,
        { generated_at: generatedAt, forecasts: [] },
      ]);
      expect(context.responder.counts.kept - before).toBe(kept);
      const unchanged = await app.inject({
        url: `${own}?${query}`,
        headers: { 'if-none-match': String(headers['etag']) },
      });
      expect([unchanged.statusCode, unchanged.headers['wattduck-note']]).toEqual([304, note]);
    }
    // The chart of the sums is that of the days, another report.
    for (const ending of Object.keys(mediaTypes).filter((each) => each !== 'svg')) {
      const { statusCode, headers } = await app.inject(`/v0/pipes/revenue_forecasts.${ending}?${query}`);
      expect([ending, statusCode, headers['wattduck-note']]).toEqual([ending, 200, note]);
    }
    expect((await asked(`${pipe}?${query}`))[1]).toMatchObject({ data: [], rows: 0, rows_before_limit_at_least: 0 });
    for (const report of ['days', 'models'])
      expect((await asked(`${own}/${report}?${query}`))[1]).toMatchObject({ data: [] });
  });

  test('a note is one line of ASCII', async () => {
    const { statusCode, headers } = await app.inject(
      `${own}?as_of=2025-06-15&charge_point_id=${encodeURIComponent('Zürich\r\n100 %\u{1F50C}')}`,
    );
    expect([statusCode, headers['wattduck-note']]).toEqual([
      200,
      'no history to forecast from before 2025-06-15 with charge_point_id "Z%C3%BCrich%E2%86%B5100 %25%F0%9F%94%8C". Only complete days count. IDs and names are case-sensitive.',
    ]);
    expect((await app.inject(`${own}?as_of=2025-06-20&currency=EUR`)).headers).not.toHaveProperty('wattduck-note');
  });
});

describe('errors', () => {
  test.each(['forecast', 'history'])('%s is not a parameter', async (name) => {
    for (const url of [own, pipe]) {
      const { statusCode, body } = await app.inject(`${url}?${name}=1&as_of=2025-06-15`);
      expect([statusCode, body]).toEqual([400, expect.stringContaining(`unknown parameter ${name}`)]);
    }
    expect(
      (await app.inject('/openapi.json')).json<{ components: { parameters: object } }>().components.parameters,
    ).not.toHaveProperty([`revenue_forecasts.${name}`]);
  });
});

test('a forecast with as_of is cached until the next write; one without is not', async () => {
  const cost = async (url: string): Promise<[computed: number, kept: number]> => {
    const { computed, kept } = { ...context.responder.counts };
    expect((await app.inject(url)).statusCode).toBe(200);
    return [context.responder.counts.computed - computed, context.responder.counts.kept - kept];
  };
  const fixed = `${own}?as_of=2025-06-15`;
  expect([await cost(fixed), await cost(fixed)]).toEqual([
    [1, 0],
    [0, 1],
  ]);
  await context.owner.write((duckdb) =>
    duckdb.withWriteLock(() => duckdb.run('update db.main.charging_sessions set station_id = station_id where false')),
  );
  expect(await cost(fixed)).toEqual([1, 0]);
  const open = `${own}?currency=EUR`;
  expect([await cost(open), await cost(open)]).toEqual([
    [1, 0],
    [1, 0],
  ]);
});

test('OpenAPI marks the charge point and site of a forecast as optional', async () => {
  const { schemas } = (await app.inject('/openapi.json')).json<{
    components: {
      schemas: Record<string, { properties: { forecasts: { items: { required: string[] } } }; required: string[] }>;
    };
  }>().components;
  expect(schemas['revenue_forecasts']!.properties.forecasts.items.required).toEqual([
    'horizon_days',
    'forecast_revenue',
    'confidence_low',
    'confidence_high',
  ]);
  expect(schemas['revenue_forecasts-row']!.required).toContain('charge_point_id');
});

test('no unexpected errors occurred', () => expect(stderrText()).toBe(''));
