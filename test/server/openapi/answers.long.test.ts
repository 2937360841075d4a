import formats from 'ajv-formats';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Report } from '../../../src/catalog/definitions.ts';
import { isPipe, pipePath } from '../../../src/server/reports/routes.ts';
import { startInProcessServer } from '../../support/in-process-server.ts';
import { sample } from '../../support/runs.ts';

const { app, context } = await startInProcessServer({
  files: ['fixtures', 'test/reports/data/dozen/faulty.csv'],
  now: () => new Date('2025-12-31T12:00:00Z'),
});

type Part = { [name: string]: unknown; properties?: Part };
interface Document {
  components: { schemas: Record<string, Part>; examples: Record<string, { value: unknown }> };
}

/** Schemas that allow documented properties only. */
const closed = (part: unknown): unknown => {
  if (typeof part !== 'object' || part === null) return part;
  if (Array.isArray(part)) return part.map(closed);
  const inside = Object.fromEntries(Object.entries(part).map(([name, each]) => [name, closed(each)]));
  return (part as Part).properties && (part as Part)['type'] === 'object'
    ? { ...inside, additionalProperties: false }
    : inside;
};

const document = closed((await app.inject('/openapi.json')).json()) as Document;
const ajv = new Ajv2020({ strict: false, allErrors: true });
formats.default(ajv);
ajv.addSchema(document as object, 'openapi');

/** Errors of a value against a schema of the document. */
function faults(schema: string, value: unknown): string[] {
  expect(Object.keys(document.components.schemas)).toContain(schema);
  const fits = ajv.compile({ $ref: `openapi#/components/schemas/${schema}` });
  return fits(value)
    ? []
    : fits.errors!.map(({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`);
}

/** Parameters of a report: its required examples, one currency, and a customer with purchases. */
function given({ parameters }: Report): Record<string, string> {
  const asked = parameters.filter(({ name, required }) => required || name === 'currency');
  const texts = asked.map(({ name, example }) => [name, name === 'customer_id' ? 'cust-807' : example!]);
  return { ...Object.fromEntries(texts), ...(parameters.some(({ name }) => name === 'limit') ? { limit: '50' } : {}) };
}

function filled(path: string, all: Record<string, string>): string {
  const query = new URLSearchParams(Object.entries(all).filter(([name]) => !path.includes(`{${name}}`)));
  return `${path.replaceAll(/\{(\w+)\}/g, (_, name: string) => all[name]!)}?${query.toString()}`;
}

/** Data of every kind, including an issue with a history and deleted events. */
let issue: string;
beforeAll(async () => {
  const { data } = (await app.inject('/api/v1/analytics/issues?status=open&limit=1')).json<{
    data: { issue_id: string }[];
  }>();
  issue = data[0]!.issue_id;
  const { statusCode } = await app.inject({
    method: 'POST',
    url: `/api/v1/analytics/issues/${issue}/acknowledge`,
    payload: { note: 'On the way' },
  });
  expect(statusCode).toBe(200);
  await context.owner.write((duckdb) =>
    duckdb.run(
      "insert into db.prunes values (1, 'meter', timestamp '2025-09-01', 20, 1, timestamp '2025-12-01 03:00:00')",
    ),
  );
});

describe.each(sample(context.reports, 12).map((report): [string, Report] => [report.name, report]))(
  '%s',
  (name, report) => {
    const asked = (): Record<string, string> => ({
      ...given(report),
      ...(name === 'issue' ? { issue_id: issue } : {}),
    });

    test('the pipe returns rows that match their schema', async () => {
      const url = filled(pipePath(report, 'json'), asked());
      const { statusCode, body } = await app.inject(url);
      expect(statusCode, `${url} ${body}`).toBe(200);
      const answer = JSON.parse(body) as { rows: number; data: unknown[] };
      // Once a token exists, every request needs one.
      if (name !== 'tokens') expect(answer.rows, url).toBeGreaterThan(0);
      expect(faults(`${name}-pipe`, answer)).toEqual([]);
      const lines = (await app.inject(filled(pipePath(report, 'ndjson'), asked()))).body.split('\n').slice(0, -1);
      expect(lines).toHaveLength(answer.rows);
      expect(lines.flatMap((line) => faults(`${name}-row`, JSON.parse(line)))).toEqual([]);
    });

    for (const path of report.http.filter((each) => !isPipe(each))) {
      test(`${path} answers as it is described`, async () => {
        const { statusCode, body } = await app.inject(filled(path, asked()));
        expect(statusCode, body).toBe(200);
        expect(faults(name, JSON.parse(body))).toEqual([]);
      });
    }
  },
);

test('a mismatch is found', () => {
  const row = { issue_id: 'a', acknowledged_at: '2025-01-01T00:00:00Z', note: 5, other: 1 };
  const all = faults('issue_history-row', row).join('\n');
  for (const each of [
    '/acknowledged_at must match pattern',
    '/note must be string,null',
    'must NOT have additional properties {"additionalProperty":"other"}',
  ])
    expect(all).toContain(each);
});

test('examples match their schemas', () => {
  const { examples, schemas } = document.components;
  for (const [name, { value }] of Object.entries(examples)) expect([name, faults(name, value)]).toEqual([name, []]);
  expect(Object.keys(examples).every((name) => name in schemas)).toBe(true);
});

describe('errors match their schemas', () => {
  test.each([
    ['/v0/pipes/user_usage.json?limit=x', 400, 'TinybirdError'],
    ['/api/v1/analytics/energy/trends?granularity=year', 400, 'AnalyticsError'],
    ['/charging-events/site/site_01', 400, 'ChargingEventsError'],
    ['/charging-events/site/nowhere?from=2025-01-01&to=2025-01-02', 404, 'ChargingEventsError'],
  ])('%s', async (url, status, schema) => {
    const { statusCode, body } = await app.inject(url);
    expect([statusCode, faults(schema, JSON.parse(body))]).toEqual([status, []]);
  });
});
