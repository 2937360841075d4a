import { expect, test } from 'vitest';
import { dataSets, startInProcessServer } from '../../support/in-process-server.ts';

const { app, stderrText } = await startInProcessServer({ files: dataSets('depot', 'lobby') });

/** Keys in order with the type of each value; for a list, of its first element. */
type Shape = string | Shape[] | { [key: string]: Shape };
function shapeOf(value: unknown): Shape {
  if (Array.isArray(value)) return value.slice(0, 1).map(shapeOf);
  if (value === null) return 'null';
  if (typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, shapeOf(each)]));
  if (typeof value === 'string' && /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/.test(value)) return 'instant';
  return typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value) ? 'date' : typeof value;
}

/** Whether an answer begins, at every level, with the keys and kinds of the document's example, in its order; more may follow them. */
function begins(answer: Shape, example: Shape, at: string): void {
  if (Array.isArray(example)) {
    expect([at, Array.isArray(answer), (answer as Shape[]).length]).toEqual([at, true, 1]);
    begins((answer as Shape[])[0]!, example[0]!, `${at}[0]`);
  } else if (typeof example === 'object') {
    expect([at, Object.keys(answer as object).slice(0, Object.keys(example).length)]).toEqual([
      at,
      Object.keys(example),
    ]);
    for (const [key, each] of Object.entries(example))
      begins((answer as Record<string, Shape>)[key]!, each, `${at}.${key}`);
  } else expect([at, example.split('|')]).toEqual([at, expect.arrayContaining([answer])]);
}

const period = { from: 'date', to: 'date' };
const dates = 'from=2025-06-01&to=2025-12-31';

/** The paths of the analytics document, and what its examples answer. */
const examples: [url: string, example: Shape][] = [
  [
    `energy/by-charge-point?${dates}`,
    {
      ...period,
      data: [
        { charge_point_id: 'string', charge_point_name: 'string|null', energy_kwh: 'number', session_count: 'number' },
      ],
      total_energy_kwh: 'number',
      total_sessions: 'number',
    },
  ],
  [
    `energy/by-project?${dates}`,
    {
      ...period,
      data: [{ project_id: 'string', project_name: 'string', energy_kwh: 'number', session_count: 'number' }],
    },
  ],
  [`energy/by-time-of-day?${dates}`, { ...period, data: [{ hour: 'number', avg_energy_kwh: 'number' }] }],
  [
    `energy/trends?${dates}&granularity=week`,
    { ...period, granularity: 'string', data: [{ period: 'date', energy_kwh: 'number', session_count: 'number' }] },
  ],
  [
    `revenue/summary?${dates}&currency=EUR`,
    {
      ...period,
      currency: 'string',
      total_revenue: 'number',
      avg_revenue_per_session: 'number',
      session_count: 'number',
      avg_session_duration_minutes: 'number',
    },
  ],
  [
    `revenue/by-tariff?${dates}&currency=EUR`,
    { data: [{ tariff_id: 'string|null', tariff_name: 'string|null', revenue: 'number', session_count: 'number' }] },
  ],
  [
    'issues?status=open&as_of=2026-01-01',
    {
      data: [
        {
          issue_id: 'string',
          type: 'string',
          charge_point_id: 'string|null',
          description: 'string',
          severity: 'string',
          status: 'string',
          created_at: 'instant',
        },
      ],
      total: 'number',
    },
  ],
  [
    'issues/summary?as_of=2026-01-01',
    {
      open_count: 'number',
      acknowledged_count: 'number',
      by_type: { connectivity: 'number', faulted: 'number', billing: 'number' },
      by_severity: { critical: 'number', high: 'number', medium: 'number' },
    },
  ],
  [
    'health-score?as_of=2025-07-01',
    {
      score: 'number|null',
      calculated_at: 'instant',
      breakdown: {
        connectivity: 'number|null',
        uptime: 'number|null',
        session_success_rate: 'number|null',
        firmware_compliance: 'number|null',
        billing_accuracy: 'number|null',
      },
      charge_points_total: 'number',
      charge_points_online: 'number',
      charge_points_faulted: 'number',
    },
  ],
];

test.each(examples)('%s answers as the document shows it', async (url, example) => {
  const { statusCode, json } = await app.inject(`/api/v1/analytics/${url}`);
  expect(statusCode).toBe(200);
  const answer = shapeOf(json());
  // Beside the list its totals may stand; before and at it nothing but what the document has.
  begins(answer, example, 'answer');
});

test('all 24 hours are listed, and weeks start on Monday', async () => {
  const hours = (await app.inject(`/api/v1/analytics/energy/by-time-of-day?${dates}`)).json() as {
    data: { hour: number }[];
  };
  expect(hours.data.map(({ hour }) => hour)).toEqual(Array.from({ length: 24 }, (_, hour) => hour));
  const weeks = (await app.inject(`/api/v1/analytics/energy/trends?${dates}&granularity=week`)).json() as {
    granularity: string;
    data: { period: string }[];
  };
  expect(weeks.granularity).toBe('week');
  for (const { period: first } of weeks.data.slice(1)) expect([first, new Date(first).getUTCDay()]).toEqual([first, 1]);
});

test('revenue by charge point is a list, highest first', async () => {
  const { data } = (await app.inject(`/api/v1/analytics/revenue/by-charge-point?${dates}&currency=EUR`)).json() as {
    data: { revenue: number }[];
  };
  expect(data.length).toBeGreaterThan(1);
  expect(data.map(({ revenue }) => revenue)).toEqual(data.map(({ revenue }) => revenue).toSorted((a, b) => b - a));
});

test('the period and other parameters are echoed as requested', async () => {
  const { from, to } = (
    await app.inject('/api/v1/analytics/energy/by-project?from=2025-06-01&to=2025-06-30T23%3A59%3A59Z')
  ).json() as Record<string, string>;
  expect([from, to]).toEqual(['2025-06-01', '2025-06-30T23:59:59Z']);
});

test('no unexpected errors occurred', () => expect(stderrText()).toBe(''));
