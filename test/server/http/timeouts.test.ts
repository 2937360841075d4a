import { expect, test } from 'vitest';
import {
  assertReadersFree,
  listenOnFreePort,
  sendRaw,
  startRequest,
  takeAllReaders,
  waitUntil,
} from '../../support/http-client.ts';
import { startInProcessServer } from '../../support/in-process-server.ts';
import { writeReports } from '../../support/report-files.ts';

const sqlDirs = [
  writeReports({
    slow: {
      columns: ['n'],
      frontMatter: ['http: [/mine/slow, /v0/pipes/slow.json]'],
      sql: `select count(*) as n from ${['a', 'b', 'c', 'd'].map((name) => `(select unnest(range(2000)) as ${name}) as of_${name}`).join(' cross join ')} where (a + b) % 7 = (c + d) % 3`,
    },
  }),
];

const impatient = await startInProcessServer({ sqlDirs, seconds: 0.3 });
const patient = await startInProcessServer({ sqlDirs, seconds: 600 });
const hurried = await startInProcessServer({ sqlDirs, requestTimeout: 300 });
const port = await listenOnFreePort(patient.app);

/** Counts the queries that request a reader, and those that start on one. */
function counting({ context: { owner } }: typeof patient): { asked: number; begun: number; stop(): void } {
  const { read } = owner;
  const count = { asked: 0, begun: 0, stop: () => void Reflect.deleteProperty(owner, 'read') };
  owner.read = (work, stop) => {
    count.asked += 1;
    return read.call(
      owner,
      (duckdb) => {
        count.begun += 1;
        return work(duckdb) as never;
      },
      stop,
    ) as never;
  };
  return count;
}

test('a query that exceeds its time limit is cancelled, with the error of its protocol', async () => {
  const error = 'query took longer than 0.3 seconds';
  const hint = 'Choose a shorter period, or start the server with a longer --timeout.';
  for (const ending of ['json', 'csv', 'parquet']) {
    const pipe = await impatient.app.inject(`/v0/pipes/slow.${ending}`);
    expect([pipe.statusCode, pipe.json()]).toEqual([408, { error: `${error}. ${hint}`, documentation: '/docs' }]);
  }
  const own = await impatient.app.inject('/mine/slow');
  expect([own.statusCode, own.json()]).toEqual([504, { error: { code: 'query_timeout', message: error, hint } }]);
  await assertReadersFree(impatient.context);
});

test('waiting for a reader counts towards the time limit: the client gets an error, and the query never starts', async () => {
  const letGo = await takeAllReaders(impatient.context);
  const count = counting(impatient);
  const answers = await Promise.all(Array.from({ length: 12 }, () => impatient.app.inject('/v0/pipes/slow.json')));
  expect(answers.map(({ statusCode }) => statusCode)).toEqual(answers.map(() => 408));
  count.stop();
  await letGo();
  await assertReadersFree(impatient.context);
  expect([count.asked, count.begun]).toEqual([12, 0]);
});

const connections = (): Promise<number> =>
  new Promise((resolve, reject) =>
    patient.app.server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
  );

test('a query is cancelled when its client disconnects', async () => {
  const count = counting(patient);
  // A query holds one of the four threads of Node's pool.
  const requests = Array.from({ length: 3 }, () => startRequest(port, '/v0/pipes/slow.json').request);
  await waitUntil(() => count.begun === 3);
  for (const request of requests) request.destroy();
  count.stop();
  await assertReadersFree(patient.context);
});

test('a query that waits for a reader never starts if its client has disconnected', async () => {
  const letGo = await takeAllReaders(patient.context);
  const count = counting(patient);
  const requests = Array.from({ length: 4 }, () => startRequest(port, '/v0/pipes/slow.json').request);
  await waitUntil(() => count.asked === 4);
  for (const request of requests) request.destroy();
  await waitUntil(async () => (await connections()) === 0);
  count.stop();
  await letGo();
  await assertReadersFree(patient.context);
  expect(count.begun).toBe(0);
});

test('a request that never ends is rejected', async () => {
  const other = await listenOnFreePort(hurried.app);
  for (const begun of [
    'GET /healthz HTTP/1.1\r\nHost: localhost\r\n',
    'POST /v0/pipes/slow.json HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 10\r\n\r\nlimit',
  ]) {
    const [head, body] = (await sendRaw(other, begun)).split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
    expect(head).toMatch(/\r\ncontent-security-policy: default-src 'self'/);
    expect(JSON.parse(body!)).toEqual({
      error: 'request timed out. Send the whole request at once.',
      documentation: '/docs',
    });
  }
});

test('no unexpected errors occurred', () =>
  expect([impatient.stderrText(), patient.stderrText(), hurried.stderrText()]).toEqual(['', '', '']));
