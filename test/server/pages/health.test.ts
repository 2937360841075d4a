import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import Fastify from 'fastify';
import { expect, test, vi } from 'vitest';
import type { DatabaseOwner } from '../../../src/server/owner/owner.ts';
import { addHealth } from '../../../src/server/pages/health.ts';
import { startInProcessServer } from '../../support/in-process-server.ts';

const { app } = await startInProcessServer();

test.each([
  ['/healthz', 'ok'],
  ['/readyz', 'ready'],
])('%s of a server that is well', async (url, status) => {
  const { statusCode, headers, body } = await app.inject(url);
  expect([statusCode, headers['content-type'], JSON.parse(body)]).toEqual([
    200,
    'application/json; charset=utf-8',
    { status },
  ]);
  const head = await app.inject({ method: 'HEAD', url });
  expect([head.statusCode, head.body]).toEqual([200, '']);
});

test('a server that cannot read its database is alive, but not ready', async () => {
  const lost = Fastify();
  const aside = { row: () => Promise.reject(new Error('IO Error: could not read /home/ann/network.duckdb')) };
  addHealth(lost, { owner: { aside, checkFile: () => undefined } as unknown as DatabaseOwner });
  expect((await lost.inject('/healthz')).statusCode).toBe(200);
  const { statusCode, body } = await lost.inject('/readyz');
  expect([statusCode, JSON.parse(body)]).toEqual([503, { status: 'unreadable' }]);
});

test('a server that is shutting down is not ready', async () => {
  const { app: ending } = await startInProcessServer();
  await ending.listen({ port: 0, host: '127.0.0.1' });
  const socket = connect((ending.server.address() as AddressInfo).port, '127.0.0.1');
  const [peer] = (await once(ending.server, 'connection')) as [Socket];
  socket.write('GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\n');
  // The connection of a request that has begun stays open.
  await vi.waitFor(() => expect(peer.bytesRead).toBeGreaterThan(0));
  const closed = ending.close();
  socket.write('\r\n');
  const said = (await socket.toArray()).join('');
  await closed;
  expect(said).toMatch(/^HTTP\/1\.1 503 .*\r\n\r\n\{[^{}]*\}$/s);
});
