import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { toDocument } from '../../../src/reports/document.ts';
import { runReport } from '../../../src/reports/run-report.ts';
import type { DuckDb } from '../../../src/warehouse/duckdb.ts';
import { assertReadersFree, listenOnFreePort, startRequest, waitUntil } from '../../support/http-client.ts';
import { startInProcessServer, withoutElapsed } from '../../support/in-process-server.ts';
import { writeReports } from '../../support/report-files.ts';

/** Long names that make the response large, not the data. */
const [one, two] = ['n'.repeat(120), 'm'.repeat(120)] as const;
const numbers = (rows: number): string =>
  `select n as ${one}, n * 2 as ${two} from (select unnest(range(${rows})) as n) as numbers`;
const sqlDirs = [
  writeReports({
    large: { columns: [one, two], sql: numbers(1_000_000) },
    wrong: {
      columns: ['far'],
      sql: 'select n * 9223372036854775807 as far from (select unnest(range(3)) as n) as numbers',
    },
  }),
];
const { app, context, stderrText } = await startInProcessServer({ sqlDirs, seconds: 60 });
const port = await listenOnFreePort(app);
const large = '/v0/pipes/large.json?limit=1000000';

const read = <T>(work: (duckdb: DuckDb) => Promise<T>): Promise<T> =>
  context.owner.read(work, new AbortController().signal);

test('a large response is the complete document, though it is streamed', async () => {
  const { statusCode, headers, body } = await app.inject('/v0/pipes/large.json?limit=50000');
  const report = context.owner.report('large');
  const answer = await read((duckdb) =>
    runReport(duckdb, report, { limit: '50000' }, { now: new Date(), label: (name) => name }),
  );
  expect([statusCode, headers['content-length'], body.length > 10_000_000]).toEqual([200, undefined, true]);
  const hash = (text: string): string => createHash('sha256').update(withoutElapsed(text)).digest('hex');
  expect(hash(body)).toBe(hash(`${JSON.stringify(toDocument(answer), null, 2)}\n`));
});

test('the memory for a large response does not grow with it', async () => {
  const { answer } = startRequest(port, large);
  const response = await answer;
  const before = process.memoryUsage().rss;
  let [bytes, most] = [0, 0];
  for await (const part of response) {
    bytes += (part as Buffer).length;
    most = Math.max(most, process.memoryUsage().rss);
  }
  expect(response.complete).toBe(true);
  expect(bytes).toBeGreaterThan(250_000_000);
  expect(most - before).toBeLessThan(bytes / 2);
});

test('a client that stops reading pauses the query, and uses no memory', async () => {
  const sockets: Socket[] = [];
  app.server.once('connection', (socket: Socket) => sockets.push(socket));
  const { request, answer } = startRequest(port, large);
  (await answer).pause();
  const [socket] = sockets;
  let last = -1;
  await waitUntil(async () => {
    const is = socket!.bytesWritten === last;
    last = socket!.bytesWritten;
    await new Promise((resolve) => setTimeout(resolve, 200));
    return is;
  });
  expect(last).toBeLessThan(50_000_000);
  request.destroy();
  await assertReadersFree(context);
});

test('clients that disconnect in the middle, in every format, free their database connections', async () => {
  for (let time = 0; time < 20; time += 1) {
    const ending = ['json', 'csv', 'ndjson', 'parquet'][time % 4]!;
    const { request, answer } = startRequest(port, large.replace('json', ending));
    const response = await answer;
    await once(response, 'data');
    request.destroy();
    expect(await read((duckdb) => duckdb.row('select 1 as n'))).toEqual({ n: 1 });
  }
  await assertReadersFree(context);
  await waitUntil(() => readdirSync(context.owner.workDir).length === 0);
});

test('HEAD of a large answer ends its query, and has its headers', async () => {
  const get = await app.inject('/v0/pipes/large.json?limit=50000');
  const head = await app.inject({ method: 'HEAD', url: '/v0/pipes/large.json?limit=50000' });
  expect([head.statusCode, head.body, head.headers['content-type'], head.headers['etag']]).toEqual([
    200,
    '',
    get.headers['content-type'],
    get.headers['etag'],
  ]);
  const again = await app.inject({
    url: '/v0/pipes/large.json?limit=50000',
    headers: { 'if-none-match': String(get.headers['etag']) },
  });
  expect([again.statusCode, again.body]).toEqual([304, '']);
  await assertReadersFree(context);
});

test('an error before the first byte keeps its status', async () => {
  const { statusCode, headers, json } = await app.inject('/v0/pipes/wrong.csv');
  expect([statusCode, headers['content-type'], headers['etag']]).toEqual([
    422,
    'application/json; charset=utf-8',
    undefined,
  ]);
  expect((json() as { error: string }).error).toMatch(/^query failed: Overflow in multiplication of INT64/);
});

test.each(['json', 'csv', 'ndjson'])('an error after the first byte cuts the %s off', async (ending) => {
  const { read: usual } = context.owner;
  context.owner.read = (work, stop) =>
    usual.call(
      context.owner,
      async (duckdb) => {
        const { chunks } = duckdb;
        duckdb.chunks = async function* (sql, bindings) {
          let count = 0;
          for await (const rows of chunks.call(duckdb, sql, bindings)) {
            yield rows;
            if ((count += 1) === 100) throw new Error('IO Error: the disk has gone');
          }
        };
        return work(duckdb).finally(() => Reflect.deleteProperty(duckdb, 'chunks'));
      },
      stop,
    ) as never;
  const response = await startRequest(port, large.replace('json', ending)).answer;
  const parts_: Buffer[] = [];
  const cut = await response
    .forEach((part: Buffer) => void parts_.push(part))
    .then(
      () => undefined,
      (error: NodeJS.ErrnoException) => error.code,
    )
    .finally(() => Reflect.deleteProperty(context.owner, 'read'));
  expect([response.statusCode, cut, response.complete]).toEqual([200, 'ECONNRESET', false]);
  expect(Buffer.concat(parts_).length).toBeGreaterThan(1_000_000);
  await assertReadersFree(context);
});

test('only the error was printed to the terminal', () =>
  expect(
    stderrText()
      .split('\n')
      .filter((line) => line.startsWith('error:'))
      .map((line) => line.slice(0, 50)),
  ).toEqual(['error: in GET /v0/pipes/wrong.csv: Out of Range Er']));
