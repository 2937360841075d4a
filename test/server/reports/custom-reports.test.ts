import { expect, test } from 'vitest';
import { catalogError, frontMatter, reportFile } from '../../catalog/report-file.ts';
import { startInProcessServer } from '../../support/in-process-server.ts';
import { writeReports } from '../../support/report-files.ts';

const at = 'reports/mine/probe.sql:13:';
const charset = 'Write it like /api/v1/sites/{site_id}/load: letters, digits, _ - . ~ and parameters in braces.';
const own = (path: string): string =>
  `${at} HTTP path "${path}" is reserved for the server. Choose another path. Every report is also available at /v0/pipes/probe.json.`;

test.each([
  'load',
  '',
  '/',
  '//load',
  '/load/',
  '/load//x',
  '/load?x=1',
  '/load#x',
  '/load/:least',
  '/load/*',
  '/load/(x)',
  '/load/{least',
  '/load/x{least}',
  '/load/{least}{least}',
  '/lo ad',
  '/l%C3%B6ad',
  '/löad',
  'http://x/load',
])('"%s" is not a path', async (path) => {
  expect(await catalogError(reportFile([...frontMatter, `http: "${path}"`]))).toBe(
    `${at} invalid HTTP path "${path}". ${charset}`,
  );
});

test.each([
  '/v0/events',
  '/v0/sql',
  '/v0/pipes/other.json',
  '/v0/pipes/probe.csv',
  '/v0/load',
  '/docs',
  '/docs/load',
  '/healthz',
  '/readyz',
  '/metrics',
  '/openapi.json',
])('"%s" is reserved for the server', async (path) => {
  expect(await catalogError(reportFile([...frontMatter, `http: "${path}"`]))).toBe(own(path));
});

test('a path names declared parameters, each once', async () => {
  expect(await catalogError(reportFile([...frontMatter, 'http: ["/a/{least}", "/b/{lest}"]']))).toBe(
    `${at} parameter "lest" not found in this report. Did you mean least?`,
  );
  expect(await catalogError(reportFile([...frontMatter, 'http: "/a/{least}/{least}"']))).toBe(
    `${at} HTTP path "/a/{least}/{least}" has the same parameter twice. Use each parameter once.`,
  );
});

test('a report name must be valid in the path of its pipe', async () => {
  for (const name of ['a:b', 'a*b', 'a b', 'a%2Fb', 'a?b', 'a.b', 'a(b)', 'a{b}', 'a#b', 'a\\b']) {
    expect(await catalogError({ [`reports/mine/${name}.sql`]: reportFile() })).toBe(
      `reports/mine/${name}.sql:1: invalid report name "${name}". Use only letters, digits, _ and - in the name of the file.`,
    );
  }
  expect(await catalogError({ 'reports/mine/größe_2-b.sql': reportFile() })).toBe('none');
});

/** The error of serving these reports. */
const refusal = (paths: Record<string, readonly string[]>): Promise<string> =>
  startInProcessServer({
    sqlDirs: [
      writeReports(
        Object.fromEntries(
          Object.entries(paths).map(([name, http]) => [
            name,
            {
              columns: ['n'],
              frontMatter: [
                `http: [${http.map((path) => `"${path}"`).join(', ')}]`,
                'params:',
                '  x: { description: Anything }',
              ],
              sql: 'select $x::varchar as n',
            },
          ]),
        ),
      ),
    ],
  }).then(
    () => 'none',
    (error: Error) => error.message.replace(/\S*\/reports\/mine\//g, ''),
  );

test('two reports cannot have the same path, whatever their parameters are called', async () => {
  expect(await refusal({ mine: ['/api/v1/analytics/issues'] })).toBe(
    'mine.sql:4: HTTP path "/api/v1/analytics/issues" is already used by sql/reports/issues/issues.sql',
  );
  expect(await refusal({ mine: ['/free', '/api/v1/analytics/issues/{x}'] })).toBe(
    'mine.sql:4: HTTP path "/api/v1/analytics/issues/{x}" is already used by sql/reports/issues/issue.sql',
  );
  expect(await refusal({ a: ['/mine/{x}'], b: ['/mine/{x}'] })).toBe(
    'b.sql:4: HTTP path "/mine/{x}" is already used by a.sql',
  );
  expect(await refusal({ a: ['/mine', '/mine'] })).toBe('a.sql:4: HTTP path "/mine" is already used by /mine');
  expect(await refusal({ a: ['/api/v1/analytics/issues/{x}/acknowledge'] })).toBe(
    'a.sql:4: HTTP path "/api/v1/analytics/issues/{x}/acknowledge" is already used by /api/v1/analytics/issues/{issue_id}/acknowledge',
  );
});

test('a user report has its own path and a pipe, next to routes with similar paths', async () => {
  const { app } = await startInProcessServer({
    sqlDirs: [
      writeReports({
        größe: {
          columns: ['n'],
          frontMatter: [
            'http: ["/api/v1/analytics/issues/by-age", "/mine/{x}"]',
            'params:',
            '  x: { description: Anything }',
          ],
          sql: 'select $x::varchar as n',
        },
      }),
    ],
  });
  for (const url of [
    '/mine/%C3%A4%20b',
    '/mine/%C3%A4%20b/',
    '/api/v1/analytics/issues/by-age?x=%C3%A4+b',
    '/v0/pipes/größe.json?x=ä%20b',
  ]) {
    const { statusCode, json } = await app.inject(url);
    expect([statusCode, (json() as { data: unknown }).data]).toEqual([200, [{ n: 'ä b' }]]);
  }
  expect((await app.inject('/v0/pipes/gr%C3%B6%C3%9Fe.csv?x=1')).body).toBe('n\n1\n');
});
