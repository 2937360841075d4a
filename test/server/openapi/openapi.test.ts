import { join } from 'node:path';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { describe, expect, test } from 'vitest';
import { openapiDocument } from '../../../src/server/openapi/document.ts';
import { writeFiles } from '../../catalog/report-file.ts';
import { scratch } from '../../support/cli.ts';
import { startInProcessServer } from '../../support/in-process-server.ts';

const mine = `/*---
title: Stations <b>of mine</b>
description: Those with enough sessions.
http: /mine/{least}
params: { least: { description: At least as many, default: 1, min: 0, max: 9 } }
columns: { station_id: { description: Station }, sessions: { description: Sessions, unit: count } }
key: [station_id]
sort: { default: -sessions, allow: [sessions] }
page: { kind: none }
answer: { shape: list, key: stations, totals: { all_sessions: "coalesce(sum(sessions), 0)" }, facts: { any_at_all: (select true) } }
---*/
select station_id, count(*) as sessions from charging_sessions group by station_id having count(*) >= $least::bigint
`;
const sqlDirs = [writeFiles(join(scratch(), 'sql'), { 'reports/depot/my_stations.sql': mine })];
const { app, context } = await startInProcessServer({ sqlDirs, tz: 'Europe/Berlin' });

type Named<T> = Record<string, T>;
interface Parameter {
  $ref?: string;
  name: string;
  in: string;
  required?: boolean;
  schema: Named<unknown>;
}
interface Operation {
  operationId: string;
  tags: string[];
  security: unknown;
  parameters?: Parameter[];
  responses: Named<{ content?: Named<{ schema: unknown; examples?: unknown }> }>;
}
type Path = { get?: Operation; post?: Operation; parameters?: Parameter[] };
interface Document {
  paths: Named<Path>;
  tags: { name: string }[];
  components: {
    schemas: Named<{ properties: Named<unknown>; required: string[] }>;
    parameters: Named<Parameter>;
    responses: Named<unknown>;
    requestBodies: Named<unknown>;
    examples?: Named<unknown>;
  };
}

const document = (await app.inject('/openapi.json')).json<Document>();
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  (['get', 'post'] as const).flatMap((method) =>
    methods[method] ? [{ route: `${method.toUpperCase()} ${path}`, ...methods[method] }] : [],
  ),
);

/** Paths of all routes, from the tree that Fastify prints. */
function paths(): string[] {
  const above: string[] = [];
  const lines = app
    .printRoutes({ commonPrefix: false })
    .split('\n')
    .filter((line) => line !== '');
  return lines.flatMap((line) => {
    const [, indent = '', piece = '', methods] = /^([│ ]*)[├└]── (\S+)(?: \((.*)\))?$/.exec(line) ?? [];
    above.splice(indent.length / 4, Infinity, piece);
    return methods === undefined ? [] : [above.join('').replaceAll(/:(\w+)/g, '{$1}')];
  });
}

/** Every path that a documented path covers: one with an enum parameter covers several. */
function told([path, { parameters = [], get }]: [string, Path]): string[] {
  const all = [...parameters, ...(get?.parameters ?? [])].map((each) =>
    each.$ref === undefined ? each : document.components.parameters[each.$ref.split('/').at(-1)!]!,
  );
  const chosen = all.find((each) => each.in === 'path' && Array.isArray(each.schema['enum']));
  return chosen ? (chosen.schema['enum'] as string[]).map((value) => path.replace(`{${chosen.name}}`, value)) : [path];
}

/** Routes that answer unknown pipes. */
const signposts = ['GET /v0/pipes/{file}', 'POST /v0/pipes/{file}'];

test('every route is documented once, and nothing else is', async () => {
  const real: string[] = [];
  for (const path of paths()) {
    const { headers } = await app.inject({ method: 'OPTIONS', url: path.replaceAll(/[{}]/g, '') });
    for (const method of String(headers['allow']).split(', '))
      if (method !== 'HEAD' && method !== 'OPTIONS') real.push(`${method} ${path}`);
  }
  const described = Object.entries(document.paths).flatMap((entry) =>
    Object.keys(entry[1])
      .filter((method) => method !== 'parameters')
      .flatMap((method) => told(entry).map((path) => `${method.toUpperCase()} ${path}`)),
  );
  expect(real.length).toBeGreaterThan(context.reports.length * 12);
  expect(
    real.filter((route) => !described.includes(route)),
    'routes that are not described',
  ).toEqual(signposts);
  expect(
    described.filter((route) => !real.includes(route)),
    'described, but no routes',
  ).toEqual([]);
  expect(described.length, 'described twice').toBe(new Set(described).size);
});

test('it passes the linter', async () => {
  // The package has no license URL.
  const config = await createConfig({ extends: ['recommended'], rules: { 'info-license': 'off' } });
  const problems = await lintFromString({ source: JSON.stringify(document), absoluteRef: 'openapi.json', config });
  expect(
    problems.map(
      ({ ruleId, message, location }) => `${ruleId}: ${message} ${location.map(({ pointer }) => pointer).join(' ')}`,
    ),
  ).toEqual([
    // Forms answer with a redirect.
    'operation-2xx-response: Operation must have at least one `2XX` response. #/paths/~1tiles~1acknowledge/post/responses',
    'operation-2xx-response: Operation must have at least one `2XX` response. #/paths/~1login/post/responses',
    'operation-2xx-response: Operation must have at least one `2XX` response. #/paths/~1logout/post/responses',
  ]);
});

test('every operation succeeds with a response or with a redirect', () => {
  const succeeds = operations.filter(({ responses }) =>
    Object.keys(responses).some((status) => /^(2|303)/.test(status)),
  );
  expect(succeeds).toHaveLength(operations.length);
  const redirects = operations.filter(
    ({ responses }) => !Object.keys(responses).some((status) => status.startsWith('2')),
  );
  expect(redirects.map(({ route }) => route).toSorted()).toEqual([
    'POST /login',
    'POST /logout',
    'POST /tiles/acknowledge',
  ]);
});

test('every operation has a unique ID and a described tag', () => {
  const ids = operations.map(({ operationId }) => operationId);
  expect(new Set(ids).size).toBe(ids.length);
  const tags = document.tags.map(({ name }) => name);
  expect(operations.filter((each) => !each.tags.every((tag) => tags.includes(tag)))).toEqual([]);
  expect(new Set(tags)).toEqual(new Set(operations.flatMap((each) => each.tags)));
});

test('every route has its scope, and pages need none', () => {
  const ways = (scope: string): unknown => [{ bearer: [scope] }, { apiKey: [scope] }, { queryToken: [scope] }, {}];
  const of = (route: string): unknown => operations.find((each) => each.route === route)?.security;
  expect(of('GET /v0/pipes/user_usage.json')).toEqual(ways('read'));
  expect(of('POST /api/v1/analytics/issues/{issue_id}/acknowledge')).toEqual(ways('append'));
  expect(of('POST /v0/datasources/{name}/truncate')).toEqual(ways('admin'));
  expect(
    operations
      .filter(({ security }) => JSON.stringify(security) === '[]')
      .map(({ route }) => route)
      .toSorted(),
  ).toEqual([
    'GET /assets/{version}/page.css',
    'GET /assets/{version}/page.js',
    'GET /docs',
    'GET /docs/{file}',
    'GET /healthz',
    'GET /login',
    'GET /openapi.json',
    'GET /readyz',
    'POST /login',
    'POST /logout',
  ]);
  expect(of('GET /reports/{name}')).toEqual(ways('read'));
  expect(of('GET /')).toEqual(ways('read'));
});

describe('errors have the form and the status of their protocol', () => {
  test.each([
    ['GET /v0/pipes/user_usage.json', ['200', '304', '400', '403', '408', '422', '429']],
    ['POST /v0/pipes/user_usage.json', ['200', '400', '403', '408', '413', '415', '422', '429']],
    // A parameter names what the path would.
    ['GET /v0/pipes/live_status.json', ['200', '304', '400', '403', '404', '408', '422', '429']],
    ['GET /api/v1/analytics/energy/trends', ['200', '304', '400', '401', '403', '422', '429', '504']],
    ['GET /charging-events/site/{site_id}', ['200', '304', '400', '401', '403', '404', '422', '429', '504']],
    [
      'POST /api/v1/analytics/issues/{issue_id}/acknowledge',
      ['200', '400', '401', '403', '404', '409', '413', '415', '422', '429', '503'],
    ],
    ['POST /v0/events', ['200', '202', '400', '403', '404', '413', '415', '422', '429', '503']],
  ])('%s', (route, statuses) => {
    expect(Object.keys(operations.find((each) => each.route === route)!.responses)).toEqual(statuses);
  });
});

test('the parameters of a report are those of its SQL file', () => {
  const { parameters } = document.components;
  expect(parameters['charging_events.take']).toEqual({
    name: 'take',
    in: 'query',
    description: 'Maximum number of rows',
    schema: { type: 'integer', format: 'int64', minimum: 1, maximum: 1000, default: 1000 },
  });
  expect(parameters['charging_events.search_text']!.schema).toEqual({
    type: 'string',
    maxLength: 100,
    examples: ['lobby'],
  });
  // The period can replace both bounds.
  expect(parameters['charging_events.from']).toEqual({
    name: 'from',
    in: 'query',
    description: 'Earliest start of an event. Required without period',
    example: '2025-12-01',
    schema: { $ref: '#/components/schemas/Moment', examples: ['2025-12-01'] },
  });
  expect(parameters['charging_events.site_id']).toMatchObject({ required: true });
  expect(document.components.requestBodies['charging_events']).toMatchObject({
    required: true,
    content: { 'application/x-www-form-urlencoded': { schema: { required: ['site_id'] } } },
  });
  expect(parameters['energy_trends.granularity']!.schema).toEqual({
    type: 'string',
    enum: ['day', 'week', 'month'],
    default: 'day',
    examples: ['week'],
  });
  // The time zone of the server's settings.
  expect(parameters['energy_trends.tz']!.schema['default']).toBe('Europe/Berlin');
  const path = document.paths['/charging-events/site/{site_id}']!.get!.parameters!.find(
    ({ name }) => name === 'site_id',
  );
  expect(path).toMatchObject({ in: 'path', required: true, example: 'site_01' });
  expect(document.components.requestBodies['customer_activity']).toMatchObject({
    required: true,
    content: { 'application/x-www-form-urlencoded': { schema: { required: ['customer_id'] } } },
  });
});

test('response columns have type, unit and description, in the form of the route', () => {
  const { schemas } = document.components;
  expect(schemas['get_sessions-row']!.properties).toMatchObject({
    session_id: { type: 'string', description: 'Session' },
    end_time: {
      type: ['string', 'null'],
      pattern: String.raw`^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$`,
      description: 'End, UTC; empty while the session is active',
    },
    energy_consumed: { type: ['number', 'null'], 'x-unit': 'kWh' },
  });
  expect(schemas['charging_events']).toMatchObject({
    required: ['charging_events', 'count', 'truncated', 'dto_presence', 'tz'],
    properties: {
      charging_events: {
        items: {
          properties: {
            connector_id: { type: ['integer', 'string', 'null'] },
            stop_time: { type: 'string', format: 'date-time' },
          },
        },
      },
      dto_presence: { type: ['boolean', 'null'] },
    },
  });
  expect(schemas['charging_events-row']!.properties['connector_id']).toMatchObject({ type: ['string', 'null'] });
  expect(JSON.stringify(schemas)).not.toContain(
    '"session_id":{"type":"string","description":"Identifier of the session"',
  );
  expect(Object.keys(schemas['issues_summary']!.properties)).toEqual([
    'open_count',
    'acknowledged_count',
    'by_type',
    'by_severity',
  ]);
  expect(schemas['live_status']!.properties['connectors']).toMatchObject({
    type: 'array',
    items: { required: ['connector_id', 'status', 'session_id', 'energy_kwh', 'power_kw'] },
  });
  expect(schemas['energy_by_charge_point']).toMatchObject({
    required: ['from', 'to', 'data', 'total_energy_kwh', 'total_sessions', 'tz'],
    properties: {
      truncated: { type: 'boolean' },
      total_energy_kwh: { type: ['number', 'null'] },
      total_sessions: { type: ['integer', 'null'] },
    },
  });
});

test('reports of user folders are included, in a separate group', () => {
  const { get } = document.paths['/mine/{least}']!;
  expect(get).toMatchObject({ operationId: 'my_stations', tags: ['depot'] });
  expect(get!.parameters![0]).toMatchObject({
    name: 'least',
    in: 'path',
    required: true,
    schema: { type: 'integer', minimum: 0, maximum: 9, default: 1 },
  });
  expect(document.components.schemas['my_stations']!.properties).toMatchObject({
    stations: { type: 'array' },
    all_sessions: { type: ['integer', 'null'] },
    any_at_all: { type: ['boolean', 'null'] },
  });
  expect(document.tags).toContainEqual({ name: 'depot', description: 'Reports from the folder depot.' });
});

test('an example has the URL of its request', () => {
  const examples = {
    user_usage: { rows: { given: { user_id: 'a&b' }, rows: [{ user_id: 'a&b' }], total: 3 } },
    live_status: { document: { given: { charge_point_id: 'cp/1', as_of: '2025-01-01' }, document: { online: true } } },
  };
  const made = openapiDocument({
    pages: context.owner.pages,
    reports: context.reports,
    acknowledgeAction: context.owner.acknowledgeAction,
    tz: 'UTC',
    types: {},
    examples,
  }) as unknown as Document;
  expect(made.components.examples).toMatchObject({
    'user_usage-pipe': {
      summary: '/v0/pipes/user_usage.json?user_id=a%26b',
      value: { data: [{ user_id: 'a&b' }], rows: 1, rows_before_limit_at_least: 3 },
    },
    live_status: {
      summary: '/api/v1/status/charge-points/cp%2F1/live-status?as_of=2025-01-01',
      value: { online: true },
    },
  });
  expect(
    made.paths['/v0/pipes/user_usage.json']!.get!.responses['200']!.content!['application/json']!.examples,
  ).toEqual({ worked: { $ref: '#/components/examples/user_usage-pipe' } });
});

test('clients can cache it', async () => {
  const first = await app.inject('/openapi.json');
  expect(first.headers).toMatchObject({
    'content-type': 'application/json; charset=utf-8',
    etag: expect.stringMatching(/^W\/".{20,}"$/),
  });
  const again = await app.inject({ url: '/openapi.json', headers: { 'if-none-match': String(first.headers['etag']) } });
  expect([again.statusCode, again.body]).toEqual([304, '']);
  const head = await app.inject({ method: 'HEAD', url: '/openapi.json' });
  expect([head.statusCode, head.body, head.headers['content-length']]).toEqual([
    200,
    '',
    String(Buffer.byteLength(first.body)),
  ]);
});
