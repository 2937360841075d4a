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

/** Counts how many queries ask for a reader, and how many begin on one. */
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

test('a query beyond its time is broken off, and says so as its protocol does', async () => {
  const error = 'query took longer than 0.3 seconds';
  const hint = 'Ask for a shorter period, or give serve a longer --timeout.';
  for (const ending of ['json', 'csv', 'parquet']) {
    const pipe = await impatient.app.inject(`/v0/pipes/slow.${ending}`);
    expect([pipe.statusCode, pipe.json()]).toEqual([408, { error: `${error}. ${hint}`, documentation: '/docs' }]);
  }
  const own = await impatient.app.inject('/mine/slow');
  expect([own.statusCode, own.json()]).toEqual([504, { error: { code: 'timeout', message: error, hint } }]);
  await assertReadersFree(impatient.context);
});

test('waiting for a reader counts: who has waited for too long is answered, and the query never begins', async () => {
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

test('clients who leave break off what runs for them', async () => {
  const count = counting(patient);
  // A query holds a thread of Node's pool, of which there are four here.
  const requests = Array.from({ length: 3 }, () => startRequest(port, '/v0/pipes/slow.json').request);
  await waitUntil(() => count.begun === 3);
  for (const request of requests) request.destroy();
  count.stop();
  await assertReadersFree(patient.context);
});

test('what waits for a reader never begins where its client has left', async () => {
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

test('a request that never ends is refused', async () => {
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

test('nothing unforeseen happened on the way', () =>
  expect([impatient.stderrText(), patient.stderrText(), hurried.stderrText()]).toEqual(['', '', '']));
