import type { InjectOptions } from 'fastify';
import { describe, expect, test } from 'vitest';
import { hashToken } from '../../../src/server/access/tokens.ts';
import { dataSets, startInProcessServer } from '../../support/in-process-server.ts';
import { writeReports } from '../../support/report-files.ts';

const { app, context, stderrText } = await startInProcessServer({ files: dataSets('depot', 'lobby', 'euros') });

/** Status and body of a request, and the error bodies of the three protocols. */
async function answered(request: InjectOptions | string): Promise<[number, unknown]> {
  const { statusCode, headers, body } = await app.inject(request);
  expect(headers['content-type']).toBe('application/json; charset=utf-8');
  return [statusCode, JSON.parse(body)];
}
const pipe = (error: string): unknown => ({ error, documentation: '/docs' });
const analytics = (code: string, message: string, hint?: string): unknown => ({
  error: { code, message, ...(hint === undefined ? {} : { hint }) },
});
const events = (statusCode: number, line: string, error: string): unknown => ({ statusCode, message: [line], error });

const energy = '/api/v1/analytics/energy/by-project';
const lobby = '/charging-events/site/lobby?from=2025-12-01&to=2025-12-02';

test('an unknown parameter is named, with a suggestion', async () => {
  expect(await answered('/v0/pipes/get_sessions.json?usr_id=u')).toEqual([
    400,
    pipe('unknown parameter usr_id. Did you mean user_id?'),
  ]);
  expect(await answered(`${energy}?form=2025-01-01`)).toEqual([
    400,
    analytics('unknown_parameter', 'unknown parameter form', 'Did you mean from?'),
  ]);
  expect(await answered(`${lobby}&sortfield=cost`)).toEqual([
    400,
    events(400, 'unknown parameter sortfield. Did you mean sort_field?', 'Bad Request'),
  ]);
});

test('names of Object.prototype are ordinary parameter names', async () => {
  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    const [status, body] = await answered(`/v0/pipes/issues_summary.json?${name}=1`);
    expect([status, (body as { error: string }).error]).toEqual([
      400,
      expect.stringContaining(`unknown parameter ${name}`),
    ]);
  }
});

test('an invalid value is named, with the accepted values', async () => {
  expect(await answered('/v0/pipes/get_sessions.json?limit=many')).toEqual([
    400,
    pipe('invalid value "many" for limit: expected an integer. For example: limit 100.'),
  ]);
  expect(await answered(`${energy}?from=yesterday`)).toEqual([
    400,
    analytics(
      'invalid_timestamp',
      'invalid value "yesterday" for from: expected a date or time',
      'Use 2024-01-31, "2024-01-31 23:59:59" or ISO 8601 with an offset.',
    ),
  ]);
  expect(await answered(`${lobby}&take=1001`)).toEqual([
    400,
    events(400, 'invalid value "1001" for take: must be between 1 and 1000', 'Bad Request'),
  ]);
});

test('a repeated parameter is rejected: in the URL, in path and URL, and in URL and form', async () => {
  const repeated = (name: string): string => `parameter ${name} is repeated. Pass it once.`;
  expect(await answered('/v0/pipes/get_sessions.json?user_id=a&user_id=b')).toEqual([400, pipe(repeated('user_id'))]);
  expect(await answered('/v0/pipes/get_sessions.json?user_id=a&amp;user_id=b')).toEqual([
    400,
    pipe(repeated('user_id')),
  ]);
  expect(await answered(`${lobby}&site_id=annex`)).toEqual([400, events(400, repeated('site_id'), 'Bad Request')]);
  const form = {
    method: 'POST',
    url: '/v0/pipes/get_sessions.json?user_id=a',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: 'user_id=b',
  } as const;
  expect(await answered(form)).toEqual([400, pipe(repeated('user_id'))]);
});

test('parameters that clients add are ignored', async () => {
  const plain = (await app.inject('/v0/pipes/energy_by_project.csv?from=2025-01-01')).body;
  for (const tag of [
    'token=x',
    'from=ts-sdk',
    'from=mockingbird',
    'utm_source=dev',
    'utm_medium=x&utm_campaign=y',
    '__tb__semver=1.0',
    'cli_version=1',
    'amp;utm_x=1',
  ]) {
    const asked = `/v0/pipes/energy_by_project.csv?${tag}&from=2025-01-01`;
    expect([tag, (await app.inject(asked)).body]).toEqual([tag, plain]);
  }
});

test('a parameter of a copied link is read, and a client name is not a date', async () => {
  const some = (await app.inject('/v0/pipes/get_sessions.csv?limit=1')).body;
  expect((await app.inject('/v0/pipes/get_sessions.csv?utm_source=x&amp;limit=1')).body).toBe(some);
  expect((await app.inject('/v0/pipes/get_sessions.csv?from=anything&limit=1')).body).toBe(some);
  expect(await answered(`${energy}?from=anything`)).toMatchObject([
    400,
    analytics('invalid_timestamp', 'invalid value "anything" for from: expected a date or time', expect.any(String)),
  ]);
});

test('an unknown pipe, format, route or record is a 404 in the form of its protocol', async () => {
  expect(await answered('/v0/pipes/x.json')).toEqual([404, pipe("The pipe 'x' does not exist")]);
  expect(await answered({ method: 'POST', url: '/v0/pipes/x.json' })).toEqual([
    404,
    pipe("The pipe 'x' does not exist"),
  ]);
  expect(await answered('/v0/pipes/get_session.json')).toEqual([
    404,
    pipe("The pipe 'get_session' does not exist. Did you mean get_sessions?"),
  ]);
  expect(await answered('/v0/pipes/get_sessions.xml')).toEqual([
    404,
    pipe(
      'The pipe \'get_sessions\' has no format "xml". Available: json, ndjson, csv, csvwithnames, parquet, prometheus.',
    ),
  ]);
  expect(await answered('/v0/pipes/get_sessions')).toEqual([
    404,
    pipe(
      'The pipe \'get_sessions\' has no format "". Available: json, ndjson, csv, csvwithnames, parquet, prometheus.',
    ),
  ]);
  expect(await answered('/v0/pipez/get_sessions.json')).toEqual([
    404,
    pipe('route /v0/pipez/get_sessions.json not found. Did you mean /v0/pipes/get_sessions.json?'),
  ]);
  expect(await answered('/api/v1/analytics/energy/by-projects?from=2025-01-01')).toEqual([
    404,
    analytics('route_not_found', 'route /api/v1/analytics/energy/by-projects not found', `Did you mean ${energy}?`),
  ]);
  expect(await answered('/charging-events/sites/lobby')).toEqual([
    404,
    events(
      404,
      'route /charging-events/sites/lobby not found. Did you mean /charging-events/site/{site_id}?',
      'Not Found',
    ),
  ]);
  expect(await answered('/nothing/of/the/kind')).toEqual([
    404,
    analytics('route_not_found', 'route /nothing/of/the/kind not found', 'See / for all reports.'),
  ]);
  expect(await answered('/api/v1/analytics/issues/nobody')).toEqual([
    404,
    analytics('record_not_found', 'issue "nobody" not found', 'IDs and names are case-sensitive.'),
  ]);
  expect(await answered('/charging-events/site/LOBBY?from=2025-12-01&to=2025-12-02')).toEqual([
    404,
    events(404, 'site "LOBBY" not found. IDs and names are case-sensitive.', 'Not Found'),
  ]);
  expect(await answered('/api/v1/status/charge-points/nobody/live-status')).toMatchObject([
    404,
    { error: { code: 'record_not_found' } },
  ]);
});

test('amounts in other currencies are left out without a rate, and a header notes it', async () => {
  for (const url of [
    '/api/v1/analytics/revenue/summary',
    '/api/v1/analytics/revenue/by-charge-point',
    '/api/v1/analytics/revenue/by-project',
    '/api/v1/analytics/revenue/by-tariff',
    '/api/v1/analytics/revenue/trends',
    '/api/v1/analytics/revenue/forecasts',
    '/api/v1/analytics/billing/monthly-statement',
    '/v0/pipes/station_analytics.json',
    '/v0/pipes/user_usage.json',
  ]) {
    const { statusCode, headers } = await app.inject(url);
    expect([url, statusCode, headers['wattduck-note']]).toEqual([
      url,
      200,
      expect.stringMatching(/[0-9]+ amounts? in [A-Z]{3} \([0-9]+ days?\) (is|are) left out: no exchange rate/),
    ]);
  }
  const { statusCode, headers } = await app.inject('/api/v1/analytics/revenue/summary?currency=GBP');
  expect([statusCode, headers['wattduck-note']]).toEqual([200, undefined]);
  expect(await answered('/api/v1/analytics/revenue/summary?base_currency=euros')).toEqual([
    400,
    analytics(
      'invalid_currency',
      'invalid value "euros" for base_currency: expected an ISO 4217 currency code',
      'For example: EUR.',
    ),
  ]);
});

test('an unsupported method is rejected with the allowed ones, before its body is read', async () => {
  for (const [url, method, allow] of [
    ['/v0/pipes/get_sessions.json', 'PUT', 'HEAD, GET, POST, OPTIONS'],
    [energy, 'POST', 'HEAD, GET, OPTIONS'],
    [lobby, 'DELETE', 'HEAD, GET, OPTIONS'],
    ['/api/v1/analytics/issues/dep_open/acknowledge', 'GET', 'POST, OPTIONS'],
    ['/healthz', 'PATCH', 'HEAD, GET, OPTIONS'],
  ] as const) {
    for (const headers of [{}, { 'content-type': 'application/json' }, { 'content-type': 'text/odd' }]) {
      const {
        statusCode,
        headers: answer,
        json,
      } = await app.inject({ method, url, headers, ...('content-type' in headers ? { payload: '{' } : {}) });
      expect([url, statusCode, String(answer['allow']).split(', ').toSorted()]).toEqual([
        url,
        405,
        allow.split(', ').toSorted(),
      ]);
      expect(JSON.stringify(json())).toContain(`${method} is not allowed on `);
    }
    const options = await app.inject({ method: 'OPTIONS', url });
    expect([options.statusCode, options.body, String(options.headers['allow']).split(', ').toSorted()]).toEqual([
      204,
      '',
      allow.split(', ').toSorted(),
    ]);
    expect(options.headers['access-control-allow-origin']).toBeUndefined();
  }
  expect(await answered({ method: 'PUT', url: `${energy}/` })).toEqual([
    405,
    analytics('method_not_allowed', `PUT is not allowed on ${energy}`, 'Allowed: GET, HEAD, OPTIONS.'),
  ]);
  expect(await answered({ method: 'GET', url: '/api/v1/analytics/issues/x/acknowledge' })).toEqual([
    405,
    analytics(
      'method_not_allowed',
      'GET is not allowed on /api/v1/analytics/issues/{issue_id}/acknowledge',
      'Allowed: POST, OPTIONS.',
    ),
  ]);
  expect(await answered({ method: 'TRACE' as never, url: energy })).toMatchObject([
    405,
    { error: { code: 'method_not_supported' } },
  ]);
});

test('HEAD is answered wherever GET is', async () => {
  for (const url of [
    '/',
    '/healthz',
    '/readyz',
    energy,
    lobby,
    '/v0/pipes/get_sessions.json',
    '/v0/pipes/get_sessions.parquet',
    '/v0/pipes/x.json',
    '/api/v1/analytics/issues/nobody',
  ]) {
    const [get, head] = [await app.inject(url), await app.inject({ method: 'HEAD', url })];
    expect([url, head.statusCode, head.body, head.headers['content-type']]).toEqual([
      url,
      get.statusCode,
      '',
      get.headers['content-type'],
    ]);
  }
});

test('a trailing slash is ignored, a double slash is not', async () => {
  expect((await app.inject(`${energy}/?limit=1&currency=EUR`)).statusCode).toBe(
    (await app.inject(`${energy}?limit=1&currency=EUR`)).statusCode,
  );
  expect(await answered('/api/v1//analytics/energy/by-project')).toMatchObject([
    404,
    { error: { code: 'route_not_found' } },
  ]);
  expect((await app.inject('//v0/pipes/get_sessions.json')).statusCode).toBe(404);
});

test('malformed percent-encoding is rejected, in path and query', async () => {
  const line = 'malformed percent-encoding in the URL';
  const hint = 'Encode % itself as %25.';
  for (const bad of ['%zz', '%', '%f', '%ff', '%ED%A0%80', '%C3']) {
    expect(await answered(`/v0/pipes/get_sessions.json?user_id=${bad}`)).toEqual([400, pipe(`${line}. ${hint}`)]);
    expect(await answered(`/v0/pipes/${bad}`)).toEqual([400, pipe(`${line}. ${hint}`)]);
    expect(await answered(`/api/v1/analytics/issues/${bad}`)).toEqual([400, analytics('malformed_url', line, hint)]);
    expect(await answered(`/charging-events/site/${bad}`)).toEqual([
      400,
      events(400, `${line}. ${hint}`, 'Bad Request'),
    ]);
  }
  expect(
    (await app.inject('/charging-events/site/lobby?from=2025-12-01&to=2025-12-02&search_text=50%25')).statusCode,
  ).toBe(200);
});

test('unusual characters are ordinary values', async () => {
  for (const odd of [
    '%00',
    'a%00b',
    '%01%1f%7f',
    '%EF%BF%BF',
    '%F0%9F%94%8C',
    "'%22;--",
    '%0D%0AX: y',
    '../../etc/passwd'.replaceAll('/', '%2F'),
  ]) {
    const { statusCode, json } = await app.inject(`/v0/pipes/get_sessions.json?user_id=${odd}`);
    expect([odd, statusCode, (json() as { rows: number }).rows]).toEqual([odd, 200, 0]);
    expect([odd, (await app.inject(`/api/v1/analytics/issues/${odd}`)).statusCode]).toEqual([odd, 404]);
    expect([odd, (await app.inject(`/v0/pipes/get_sessions.json?start_date=${odd}`)).statusCode]).toEqual([odd, 400]);
    expect([odd, (await app.inject(`/v0/pipes/get_sessions.json?tz=${odd}`)).statusCode]).toEqual([odd, 400]);
    expect([odd, (await app.inject(`/v0/pipes/get_sessions.json?${odd}=1`)).statusCode]).toEqual([odd, 400]);
  }
});

test('long paths and many parameters get short errors', async () => {
  expect(await answered(`/api/v1/analytics/issues/${'x'.repeat(1001)}`)).toMatchObject([
    400,
    { error: { message: 'a segment of the path is too long' } },
  ]);
  const { statusCode, body } = await app.inject(`/${'x/'.repeat(5000)}`);
  expect([statusCode, body.length < 1000]).toEqual([404, true]);
  expect(
    (await app.inject(`/v0/pipes/get_sessions.json?${Array.from({ length: 10_000 }, (_, at) => `p${at}=1`).join('&')}`))
      .statusCode,
  ).toBe(400);
});

test('a pipe accepts a form or a JSON object, and nothing else', async () => {
  const post = (type: string, payload: string): Promise<[number, unknown]> =>
    answered({ method: 'POST', url: '/v0/pipes/get_sessions.json', headers: { 'content-type': type }, payload });
  expect((await post('application/x-www-form-urlencoded', 'limit=1'))[0]).toBe(200);
  expect((await post('application/json', '{"limit": 1}'))[0]).toBe(200);
  const none = pipe('request body has no parameters. Send them as a form: name=value&name=value.');
  for (const body of ['[1]', '1', 'true', '"limit=1"'])
    expect([body, ...(await post('application/json', body))]).toEqual([body, 400, none]);
  expect(await post('text/plain', 'limit=1')).toEqual([400, none]);
  expect(await post('application/json', '{')).toEqual([
    400,
    pipe('request body is not valid JSON. Check it with a JSON validator.'),
  ]);
  expect(await post('application/json', '')).toEqual([
    400,
    pipe('request body is empty, expected JSON. Send an empty JSON object, or no Content-Type.'),
  ]);
  expect(await post('application/json', '{"user_id": {"a": 1}}')).toEqual([
    400,
    pipe('user_id must be a string or a number'),
  ]);
  expect((await post('application/json', '{"__proto__": {"limit": 1}}'))[0]).toBe(400);
  expect(await post('text/odd', 'limit=1')).toEqual([
    415,
    pipe('unsupported content type. See /docs for the accepted types.'),
  ]);
  expect(await post('application/x-www-form-urlencoded', `user_id=${'x'.repeat(10_485_760)}`)).toEqual([
    413,
    pipe('request body is too large. Send it in parts, or run wattduck ingest on the machine of the database.'),
  ]);
});

describe('acknowledging', () => {
  const acknowledge = (id: string, payload?: string, type = 'application/json'): Promise<[number, unknown]> =>
    answered({
      method: 'POST',
      url: `/api/v1/analytics/issues/${id}/acknowledge`,
      ...(payload === undefined ? {} : { payload, headers: { 'content-type': type } }),
    });

  test('returns the changed issue, with a note or without one', async () => {
    const [status, issue] = await acknowledge('dep_open', '{"note": "Field engineer dispatched, ETA 2 hours."}');
    expect([status, issue]).toMatchObject([
      200,
      {
        issue_id: 'dep_open',
        status: 'acknowledged',
        note: 'Field engineer dispatched, ETA 2 hours.',
        acknowledged_at: '2026-01-01T00:00:00Z',
      },
    ]);
    expect(await acknowledge('dep_open')).toEqual([200, issue]);
    expect(await acknowledge('dep_open', '{}')).toEqual([200, issue]);
    for (const empty of ['', ' ', '\r\n']) expect(await acknowledge('dep_open', empty)).toEqual([200, issue]);
    expect(await acknowledge('dep_open', '', 'application/json; charset=utf-8')).toEqual([200, issue]);
    expect(await acknowledge('dep_open', '', 'application/x-www-form-urlencoded')).toEqual([200, issue]);
    expect(await acknowledge('dep_open', '{"note": null}')).toEqual([200, issue]);
    expect(await answered('/api/v1/analytics/issues/dep_open')).toEqual([200, issue]);
    const [, odd] = await acknowledge('dep_place', '{"note": "a\\u0000b \\ud800 \\" \\\\ \\n"}');
    expect(odd).toMatchObject({ note: 'a\0b \ufffd " \\ \n' });
  });

  test('rejects an unknown issue, and a resolved one', async () => {
    expect(await acknowledge('nobody')).toEqual([
      404,
      analytics('record_not_found', 'issue "nobody" not found', 'IDs and names are case-sensitive.'),
    ]);
    expect(await acknowledge('dep_done')).toEqual([
      409,
      analytics(
        'issue_resolved',
        'issue "dep_done" is resolved',
        'Only open and acknowledged issues can be acknowledged.',
      ),
    ]);
  });

  test('an empty body of type JSON is accepted there only', async () => {
    expect(
      await answered({
        method: 'POST',
        url: '/v0/pipes/get_sessions.json',
        payload: '',
        headers: { 'content-type': 'application/json' },
      }),
    ).toMatchObject([400, { error: expect.stringContaining('request body is empty') as string }]);
  });

  test('rejects every other body', async () => {
    const hint = 'Send a JSON object with the key note, or no body.';
    for (const body of ['[]', '[{"note": "x"}]', '5', 'true', '"text"'])
      expect([body, ...(await acknowledge('dep_open', body))]).toEqual([
        body,
        400,
        analytics('note_body_not_object', 'request body is not a JSON object', hint),
      ]);
    expect(await acknowledge('dep_open', '{"note": 5}')).toEqual([
      400,
      analytics('note_not_string', 'note must be a string, not 5', hint),
    ]);
    expect(await acknowledge('dep_open', '{"note": "x", "nota": 1}')).toEqual([
      400,
      analytics('unknown_body_field', 'unknown field "nota" in the request body', hint),
    ]);
    expect((await acknowledge('dep_open', '{'))[0]).toBe(400);
    expect(await acknowledge('dep_open', 'note', 'text/plain')).toEqual([
      415,
      analytics(
        'note_content_type',
        'unsupported content type text/plain',
        'Send a JSON object with the key note as application/json, or no body.',
      ),
    ]);
    expect((await acknowledge('dep_open', '<note/>', 'text/xml'))[0]).toBe(415);
  });
});

test('every response has the security headers', async () => {
  for (const request of [
    '/',
    '/healthz',
    energy,
    '/v0/pipes/get_sessions.csv',
    '/v0/pipes/x.json',
    '/nothing',
    '/%zz',
    '/v0/pipes/get_sessions.json?user_id=%zz',
    { method: 'PUT', url: energy },
    { method: 'OPTIONS', url: energy },
    { url: energy, headers: { host: 'evil.example' } },
  ] as (InjectOptions | string)[]) {
    const { headers } = await app.inject(request);
    expect([request, headers]).toMatchObject([
      request,
      {
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'cross-origin-resource-policy': 'same-origin',
        'content-security-policy': expect.stringMatching(/^default-src 'self'; .*frame-ancestors 'none'/),
      },
    ]);
    expect(headers).not.toHaveProperty('access-control-allow-origin');
  }
});

test('no unexpected errors occurred', () => expect(stderrText()).toBe(''));

test('an unexpected error is printed to the terminal only', async () => {
  const other = await startInProcessServer({
    sqlDirs: [writeReports({ fine: { columns: ['n'], frontMatter: ['http: [/mine/fine]'], sql: 'select 1 as n' } })],
  });
  const ask = async (url: string): Promise<[number, unknown]> => {
    other.context.owner.read = () => Promise.reject(new Error('secret inner state'));
    const { statusCode, json, headers } = await other.app.inject(url);
    expect(headers['content-type']).toBe('application/json; charset=utf-8');
    return [statusCode, json()];
  };
  const line = 'internal error. See the server log.';
  expect(await ask('/v0/pipes/fine.csv?token=wd_hidden')).toEqual([500, pipe(line)]);
  expect(await ask('/mine/fine?token=wd_hidden')).toEqual([
    500,
    analytics('internal_error', 'internal error', 'See the server log.'),
  ]);
  expect(await ask('/charging-events/site/x?from=2025-01-01&to=2025-01-02')).toEqual([
    500,
    events(500, line, 'Internal Server Error'),
  ]);
  expect(other.stderrText()).toMatch(
    /^error: unexpected, in GET \/v0\/pipes\/fine\.csv: Error: secret inner state\n {4}at /,
  );
  expect(other.stderrText()).toContain('in GET /charging-events/site/{site_id}:');
  expect(other.stderrText()).not.toContain('wd_hidden');
});

test('without a token each protocol has its own error, and no route names are revealed', async () => {
  await context.owner.write((duckdb) =>
    duckdb.withWriteLock(() =>
      duckdb.run(
        `insert into tokens (name, hash, scopes, created_at) values ('reader', '${hashToken('secret')}', 'read', now()::timestamp)`,
      ),
    ),
  );
  const line = 'a token is required. Send it as Authorization: Bearer TOKEN.';
  expect(await answered('/v0/pipes/get_sessions.json')).toEqual([403, pipe(line)]);
  expect(await answered('/v0/pipes/x.json')).toEqual([403, pipe(line)]);
  expect(await answered(energy)).toEqual([
    401,
    analytics('token_required', 'a token is required', 'Send it as Authorization: Bearer TOKEN.'),
  ]);
  expect(await answered(lobby)).toEqual([401, events(401, line, 'Unauthorized')]);
  expect((await app.inject(energy)).headers['www-authenticate']).toBe('Bearer');
  expect(await answered('/v0/pipez/get_sessions.json')).toEqual([
    404,
    pipe('route /v0/pipez/get_sessions.json not found. See / for all reports.'),
  ]);
  for (const headers of [
    { authorization: 'Bearer secret' },
    { authorization: 'bearer  secret ' },
    { 'x-api-key': 'secret' },
  ])
    expect((await app.inject({ url: energy, headers })).statusCode).not.toBe(401);
  expect((await answered('/v0/pipez/get_sessions.json?token=secret'))[1]).toEqual(
    pipe('route /v0/pipez/get_sessions.json not found. Did you mean /v0/pipes/get_sessions.json?'),
  );
  expect(await answered({ url: energy, headers: { authorization: 'Bearer wrong' } })).toEqual([
    401,
    analytics('invalid_token', 'unknown or revoked token', 'Create one with wattduck token create.'),
  ]);
  expect(
    await answered({
      method: 'POST',
      url: '/api/v1/analytics/issues/dep_open/acknowledge',
      headers: { authorization: 'Bearer secret' },
    }),
  ).toEqual([
    403,
    analytics(
      'scope_required',
      'token "reader" lacks the scope append',
      'Use a token with that scope: wattduck token create NAME --scope append.',
    ),
  ]);
  expect(stderrText()).toBe('');
});
