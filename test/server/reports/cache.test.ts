import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { InjectOptions } from 'fastify';
import { expect, test } from 'vitest';
import { ingestFile } from '../../../src/ingest/ingest-file.ts';
import { hashToken } from '../../../src/server/access/tokens.ts';
import { dataSets, startInProcessServer, withoutElapsed } from '../../support/in-process-server.ts';
import { writeReports } from '../../support/report-files.ts';

const { app, context } = await startInProcessServer({
  files: dataSets('depot', 'lobby'),
  sqlDirs: [
    writeReports({
      moment: { columns: ['at'], sql: 'select now()::timestamp as at' },
      secret: { columns: ['n'], frontMatter: ['scope: admin'], sql: 'select 1 as n' },
      mine: {
        columns: ['who'],
        frontMatter: ['params:', '  who: { description: Whose, role: caller }'],
        sql: 'select $who::varchar as who',
      },
    }),
  ],
});
const url = '/v0/pipes/user_usage.json?currency=EUR';
const since = (): { kept: number; computed: number } => ({ ...context.responder.counts });

/** Number of cached and computed responses of a request. */
async function cost(
  request: InjectOptions | string,
): Promise<{ status: number; etag: unknown; body: string; kept: number; computed: number }> {
  const before = since();
  const { statusCode: status, headers, body } = await app.inject(request);
  const after = since();
  return {
    status,
    etag: headers['etag'],
    body,
    kept: after.kept - before.kept,
    computed: after.computed - before.computed,
  };
}

/** A write that changes data. */
const write = (): Promise<void> =>
  context.owner.write((duckdb) =>
    duckdb.withWriteLock(() => duckdb.run('update db.main.sites set site_name = site_name where false')),
  );

test('a repeated request is answered from the cache, for GET and HEAD', async () => {
  const first = await cost(url);
  expect(first).toMatchObject({ status: 200, computed: 1, kept: 0 });
  expect(first.etag).toMatch(/^W\/"[\w-]{27}"$/);
  expect(await cost(url)).toEqual({ ...first, computed: 0, kept: 1 });
  const head = await app.inject({ method: 'HEAD', url });
  expect([head.statusCode, head.body, head.headers['etag'], head.headers['content-length']]).toEqual([
    200,
    '',
    first.etag,
    String(Buffer.byteLength(first.body)),
  ]);
});

test('different parameters, time zones and formats are cached separately', async () => {
  const seen = new Set<unknown>();
  const urls = [
    url,
    `${url}&limit=1`,
    `${url}&tz=Europe/Berlin`,
    url.replace('.json', '.csv'),
    url.replace('.json', '.ndjson'),
    url.replace('.json', '.parquet'),
  ];
  for (const each of urls) seen.add((await cost(each)).etag);
  expect(seen.size).toBe(urls.length);
});

test('a client that has the response gets 304, with any form of If-None-Match', async () => {
  const { etag } = await cost(url);
  const strong = String(etag).slice(2);
  for (const tag of [etag, strong, `"x", ${String(etag)}`, `"a,b",${strong} , "y"`, '*']) {
    const { statusCode, headers, body } = await app.inject({ url, headers: { 'if-none-match': String(tag) } });
    expect([tag, statusCode, headers['etag'], body]).toEqual([tag, 304, etag, '']);
  }
  for (const tag of ['"x"', '', 'W/', strong.slice(1, -1)])
    expect((await app.inject({ url, headers: { 'if-none-match': tag } })).statusCode).toBe(200);
});

test('the ETag of an evicted response is still valid, and * matches any response', async () => {
  const other = `${url}&limit=7`;
  const { etag } = await cost(other);
  await write();
  const computed = await cost({ url: other, headers: { 'if-none-match': String(etag) } });
  expect([computed.status, computed.computed]).toEqual([200, 1]);
  const any = await cost({ url: `${url}&limit=8`, headers: { 'if-none-match': '*' } });
  expect([any.status, any.computed]).toEqual([304, 1]);
  const none = await cost({ url: '/api/v1/analytics/issues/nobody', headers: { 'if-none-match': '*' } });
  expect([none.status, none.etag]).toEqual([404, undefined]);
});

test('every write outdates the cache: imported rows, and an acknowledged issue', async () => {
  const issues = '/api/v1/analytics/issues?as_of=2026-01-01&status=open';
  const [before, first] = [await cost(url), await cost(issues)];
  const file = join(context.owner.workDir, 'sites.csv');
  copyFileSync('test/reports/data/lobby/sites.csv', file);
  const { catalog, path } = context.owner;
  await context.owner.write((duckdb) =>
    ingestFile(duckdb, catalog, path, file, { stdin: Readable.from([]), defaultTimeZone: 'UTC', force: true }),
  );
  const after = await cost(url);
  expect([after.computed, withoutElapsed(after.body)]).toEqual([1, withoutElapsed(before.body)]);
  expect(after.etag).not.toBe(before.etag);
  expect((await app.inject({ method: 'POST', url: '/api/v1/analytics/issues/dep_open/acknowledge' })).statusCode).toBe(
    200,
  );
  const later = await cost(issues);
  expect(later.computed).toBe(1);
  expect(
    (JSON.parse(first.body) as { total: number }).total - (JSON.parse(later.body) as { total: number }).total,
  ).toBe(1);
});

test('reports that depend on the clock, the caller or the request log are never cached', async () => {
  for (const each of ['/api/v1/analytics/health-score', '/v0/pipes/moment.json', '/v0/pipes/mine.json']) {
    await cost(each);
    expect([each, await cost(each)]).toMatchObject([each, { status: 200, etag: undefined, kept: 0, computed: 1 }]);
  }
  const given = '/api/v1/analytics/health-score?as_of=2026-01-01';
  await cost(given);
  expect(await cost(given)).toMatchObject({ kept: 1, computed: 0 });
});

test('an error is not cached, and has no ETag', async () => {
  const wrong = `${url}&limit=0`;
  for (const _ of [1, 2])
    expect(await cost(wrong)).toMatchObject({ status: 400, etag: undefined, kept: 0, computed: 0 });
});

test('a write during a query leaves no outdated response in the cache', async () => {
  const asked = `${url}&limit=11`;
  const { read } = context.owner;
  // The write happens between reading the version and getting a connection, and again between that and the query.
  for (const moment of ['before', 'between']) {
    context.owner.read = async (work, stop) => {
      if (moment === 'before') await write();
      return read.call(
        context.owner,
        async (duckdb) => {
          if (moment === 'between') await write();
          return work(duckdb);
        },
        stop,
      ) as never;
    };
    const old = await cost(asked).finally(() => Reflect.deleteProperty(context.owner, 'read'));
    const again = await cost(asked);
    expect([moment, again.kept, again.computed, again.etag === old.etag]).toEqual([moment, 0, 1, false]);
    await write();
  }
});

test('the cache is bounded: responses that are too large or too many are computed again', async () => {
  // A megabyte of URL each: the keys alone fill all 64 MB.
  const long = (at: number): string => `${url}&limit=${at + 1}&utm_x=${'x'.repeat(1_000_000)}`;
  const first = await cost(long(0));
  expect(first.status).toBe(200);
  for (let at = 1; at < 70; at += 1) await cost(long(at));
  expect(await cost(long(0))).toMatchObject({ kept: 0, computed: 1 });
  expect(await cost(long(69))).toMatchObject({ kept: 1, computed: 0 });
});

test('tokens share the cache, but each needs the scope', async () => {
  const add = (name: string, scopes: string): Promise<void> =>
    context.owner.write((duckdb) =>
      duckdb.withWriteLock(() =>
        duckdb.run(
          `insert into tokens (name, hash, scopes, created_at) values ('${name}', '${hashToken(`secret_${name}`)}', '${scopes}', now()::timestamp)`,
        ),
      ),
    );
  await add('one', 'read');
  await add('two', 'read');
  await add('boss', 'admin');
  const as = (name: string): Record<string, string> => ({ authorization: `Bearer secret_${name}` });
  const asked = `${url}&limit=21`;
  expect(await cost({ url: asked, headers: as('one') })).toMatchObject({ status: 200, computed: 1 });
  expect(await cost({ url: asked, headers: as('two') })).toMatchObject({ status: 200, kept: 1 });
  expect(await cost(asked)).toMatchObject({ status: 403, kept: 0, computed: 0 });
  expect(await cost({ url: asked, headers: { ...as('three'), 'if-none-match': '*' } })).toMatchObject({ status: 403 });
  for (const status of [403, 403])
    expect(await cost({ url: '/v0/pipes/secret.json', headers: as('one') })).toMatchObject({ status, kept: 0 });
  expect(await cost({ url: '/v0/pipes/secret.json', headers: as('boss') })).toMatchObject({ status: 200, computed: 1 });
  expect(await cost({ url: '/v0/pipes/secret.json', headers: as('one') })).toMatchObject({ status: 403, kept: 0 });
  expect(
    (JSON.parse((await cost({ url: '/v0/pipes/mine.json', headers: as('two') })).body) as { data: object[] }).data,
  ).toEqual([{ who: 'two' }]);
  expect(
    (JSON.parse((await cost({ url: '/v0/pipes/mine.json', headers: as('one') })).body) as { data: object[] }).data,
  ).toEqual([{ who: 'one' }]);
});
