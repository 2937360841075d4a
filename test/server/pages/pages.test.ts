import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { hashToken } from '../../../src/server/access/tokens.ts';
import { writeFiles } from '../../catalog/report-file.ts';
import { scratch } from '../../support/cli.ts';
import { startInProcessServer } from '../../support/in-process-server.ts';

const mine = `/*---
title: <b>Mine</b> & "yours"
description: What a page must write as it is.
columns: { one: { description: One } }
key: [one]
sort: { default: one, allow: [one] }
page: { kind: none }
answer: { shape: tinybird }
---*/
select 1 as one
`;
const sqlDirs = [writeFiles(join(scratch(), 'sql'), { 'reports/depot/my_<one>.sql': mine })];
const { app, context } = await startInProcessServer({ sqlDirs });

const linksIn = (html: string): string[] =>
  [...html.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, url]) =>
    url!.replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code))),
  );

describe('/reports', () => {
  test('every report is listed, and every link works', async () => {
    const { statusCode, headers, body } = await app.inject('/reports');
    expect([statusCode, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    const links = linksIn(body).filter((url) => !url.startsWith('data:'));
    expect(links).toEqual(
      expect.arrayContaining([
        '/docs',
        '/openapi.json',
        '/healthz',
        '/readyz',
        '/metrics',
        '/reports/station_analytics',
        '/v0/pipes/station_analytics.json',
        '/v0/pipes/station_analytics.csv',
        '/v0/pipes/station_analytics.svg',
        '/api/v1/analytics/energy/trends',
      ]),
    );
    for (const url of links) expect([url, (await app.inject(url)).statusCode]).toEqual([url, 200]);
    expect(body.match(/<li>/g)).toHaveLength(context.reports.length);
    for (const { title } of context.reports.filter(({ group }) => group !== 'depot'))
      expect(body).toContain(`>${title}</a></b>`);
  });

  test('a report with required parameters has no links to files, and lists them', async () => {
    const { body } = await app.inject('/reports');
    expect(body).toContain('<span class="files">requires site_id, from, to</span>');
    expect(linksIn(body).filter((url) => /charging_events|customer_activity|live_status/.test(url))).toEqual([
      '/reports/charging_events',
      '/reports/live_status',
      '/reports/customer_activity',
    ]);
  });

  test('text from user files is escaped', async () => {
    const { body } = await app.inject('/reports');
    expect(body).toContain('>&#60;b&#62;Mine&#60;/b&#62; &#38; &#34;yours&#34;</a></b>');
    expect(linksIn(body)).toContain('/reports/my_%3Cone%3E');
    expect(linksIn(body)).toContain('/v0/pipes/my_%3Cone%3E.json');
  });

  test('it names the file without its folder, has no inline script, and answers HEAD', async () => {
    const { body } = await app.inject('/reports');
    expect(body).toContain('<code>served.duckdb</code>');
    expect(body).not.toMatch(/<script(?![^>]*\ssrc=)/);
    expect(body).not.toContain(context.owner.path);
    const head = await app.inject({ method: 'HEAD', url: '/reports' });
    expect([head.statusCode, head.body, Number(head.headers['content-length'])]).toEqual([
      200,
      '',
      Buffer.byteLength(body),
    ]);
  });

  test('if a token is required, it says so, and needs one', async () => {
    const { app: guarded, context: behind } = await startInProcessServer();
    expect((await guarded.inject('/reports')).body).not.toContain('need a token');
    await behind.owner.write((duckdb) =>
      duckdb.run(`insert into tokens values ('t', '${hashToken('secret')}', 'read', null, '2026-01-01', null)`),
    );
    expect((await guarded.inject('/reports')).statusCode).toBe(401);
    const { statusCode, body } = await guarded.inject({ url: '/reports', headers: { authorization: 'Bearer secret' } });
    expect([statusCode, body.includes('need a token')]).toEqual([200, true]);
    expect((await guarded.inject('/v0/pipes/user_usage.json')).statusCode).toBe(403);
  });
});

test.each([
  ['page.css', 'text/css; charset=utf-8'],
  ['page.js', 'text/javascript; charset=utf-8'],
])('%s never changes at its address, and the script is small', async (name, type) => {
  const { body } = await app.inject('/reports');
  const [, url] = new RegExp(`"(/assets/[0-9a-f]+/${name})"`).exec(body)!;
  const { statusCode, headers, body: file } = await app.inject(url!);
  expect([statusCode, headers['content-type'], headers['cache-control']]).toEqual([
    200,
    type,
    'public, max-age=31536000, immutable',
  ]);
  if (name === 'page.js') expect(file.length).toBeLessThan(10_000);
  expect(file).not.toMatch(/https?:\/\//);
  // A page of an older version gets the file of this one, but not for good.
  expect((await app.inject(`/assets/older/${name}`)).headers['cache-control']).toBe('private, no-cache');
});

describe('/docs', () => {
  test('all its assets are on this server', async () => {
    const { statusCode, headers, body } = await app.inject('/docs');
    expect([statusCode, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect(body).not.toMatch(/https?:(?!\/\/www\.w3\.org\/2000\/svg)/);
    // The page's policy allows no inline scripts.
    expect(headers['content-security-policy']).toContain("default-src 'self'");
    expect(
      [...body.matchAll(/<script(.*?)>(.*?)<\/script>/g)].map(([, attributes, text]) => [
        attributes!.includes('src="/'),
        text,
      ]),
    ).toEqual([
      [true, ''],
      [true, ''],
      [true, ''],
    ]);
    const links = linksIn(body).filter((url) => url.startsWith('/docs/'));
    expect(links.map((url) => url.split('?')[0])).toEqual([
      '/docs/swagger-ui.css',
      '/docs/swagger-ui-bundle.js',
      '/docs/init.js',
    ]);
    for (const url of links) expect([url, (await app.inject(url)).statusCode]).toEqual([url, 200]);
  });

  test.each([
    ['/docs/swagger-ui.css', 'text/css; charset=utf-8', '.swagger-ui', 'public, max-age=31536000, immutable'],
    [
      '/docs/swagger-ui-bundle.js',
      'text/javascript; charset=utf-8',
      'SwaggerUIBundle',
      'public, max-age=31536000, immutable',
    ],
    ['/docs/init.js', 'text/javascript; charset=utf-8', 'SwaggerUIBundle({', 'private, no-cache'],
  ])('%s', async (url, type, has, cache) => {
    const { statusCode, headers, body } = await app.inject(url);
    expect([statusCode, headers['content-type'], headers['cache-control'], body.includes(has)]).toEqual([
      200,
      type,
      cache,
      true,
    ]);
    const etag = String(headers['etag']);
    expect(etag).toMatch(/^W\/"[\w-]{27}"$/);
    for (const known of [etag, `"other", ${etag.slice(2)}`, '*']) {
      const again = await app.inject({ url, headers: { 'if-none-match': known } });
      expect([again.statusCode, again.body, again.headers['etag']]).toEqual([304, '', etag]);
    }
    expect((await app.inject({ url, headers: { 'if-none-match': '"other"' } })).statusCode).toBe(200);
    const head = await app.inject({ method: 'HEAD', url });
    expect([head.statusCode, head.body, Number(head.headers['content-length'])]).toEqual([
      200,
      '',
      Buffer.byteLength(body),
    ]);
  });

  test.each([true, false])('the page loads our own document, in dark mode if preferred: %s', async (isDark) => {
    const { body } = await app.inject('/docs/init.js');
    const seen: unknown[] = [];
    runInNewContext(body, {
      SwaggerUIBundle: (options: unknown) => seen.push(options),
      matchMedia: (query: string) => ({
        matches: isDark && query === '(prefers-color-scheme: dark)',
        addEventListener: () => undefined,
      }),
      document: { documentElement: { classList: { toggle: (...args: unknown[]) => seen.push(args) } } },
    });
    expect(seen).toEqual([
      ['dark-mode', isDark],
      expect.objectContaining({ url: '/openapi.json', dom_id: '#swagger-ui', validatorUrl: null }),
    ]);
    const { body: css } = await app.inject('/docs/swagger-ui.css');
    expect(css).toContain('.dark-mode .swagger-ui');
  });
});
