import { once } from 'node:events';
import { get, type ClientRequest, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { ServerContext } from '../../src/server/context.ts';

/** Makes the server listen on a free port, and returns the port. It closes with the server. */
export async function listenOnFreePort(app: FastifyInstance): Promise<number> {
  await app.listen({ port: 0, host: '127.0.0.1' });
  return (app.server.address() as { port: number }).port;
}

/** An HTTP request whose raw response is read. */
export function startRequest(port: number, path: string): { request: ClientRequest; answer: Promise<IncomingMessage> } {
  const request = get({ port, host: '127.0.0.1', path, agent: false });
  const answer = new Promise<IncomingMessage>((resolve, reject) =>
    request.once('response', resolve).once('error', reject),
  );
  answer.catch(() => undefined);
  return { request, answer };
}

/** Sends bytes and returns everything received until the other side closes. */
export async function sendRaw(port: number, bytes: string | Buffer): Promise<string> {
  const socket: Socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const parts: Buffer[] = [];
  socket.on('data', (part: Buffer) => parts.push(part)).on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(bytes);
  await new Promise((resolve) => socket.once('end', resolve).once('close', resolve));
  socket.destroy();
  return Buffer.concat(parts).toString();
}

/** Waits until the condition is true, up to the timeout of a test. */
export async function waitUntil(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** Takes every reader once all are free; returns a function that releases them. */
export async function takeAllReaders({ owner }: ServerContext, readers = 8): Promise<() => Promise<void>> {
  let [running, release, allTaken] = [0, (): void => undefined, (): void => undefined];
  const released = new Promise<void>((resolve) => (release = resolve));
  const taken = new Promise<void>((resolve) => (allTaken = resolve));
  const all = Promise.all(
    Array.from({ length: readers }, () =>
      owner.read(async (duckdb) => {
        await duckdb.row('select 1');
        if ((running += 1) === readers) allTaken();
        await released;
      }, new AbortController().signal),
    ),
  );
  await Promise.race([taken, all]);
  return async () => {
    release();
    await all;
  };
}

/** Passes if every reader can work at the same time. */
export const assertReadersFree = async (context: ServerContext): Promise<void> => (await takeAllReaders(context))();
