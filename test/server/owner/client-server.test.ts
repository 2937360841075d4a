import { once } from 'node:events';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { afterAll, afterEach, expect, test } from 'vitest';
import { ClientServer } from '../../../src/server/owner/client-server.ts';
import type { LockWait } from '../../../src/warehouse/connection.ts';
import type { DuckDb } from '../../../src/warehouse/duckdb.ts';
import { RemoteConnection } from '../../../src/warehouse/remote-connection.ts';
import { startInProcessServer } from '../../support/in-process-server.ts';

const { app, context } = await startInProcessServer({ files: ['test/reports/data/dozen'] });
const { owner } = context;
const guests = await ClientServer.listen(owner);
afterAll(() => guests.close(0));

const within: RemoteConnection[] = [];
async function guest(patience?: LockWait): Promise<RemoteConnection> {
  const link = (await RemoteConnection.open(guests.socketPath, patience))!;
  within.push(link);
  return link;
}
afterEach(async () => {
  for (const link of within.splice(0)) await link.close();
});

/** A raw connection to the socket. */
async function stranger(): Promise<Socket> {
  const socket = connect(guests.socketPath);
  await once(socket, 'connect');
  return socket;
}

const one = async (link: RemoteConnection): Promise<unknown> => (await link.rows('select 1 as n'))[0]!['n'];
const interrupted = /INTERRUPT/;
const endless = 'select count(*) as n from range(10000000) a, range(10000000) b';

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries += 1) {
    if (tries > 1000) throw new Error('not in time');
    await setTimeout(10);
  }
}

/** Holds the write lock until it is released. */
async function writing(link: RemoteConnection): Promise<() => Promise<void>> {
  let letGo!: () => void;
  const released = new Promise<void>((release) => (letGo = release));
  let ended!: Promise<void>;
  await new Promise<void>((begun) => {
    ended = link.withWriteLock(async () => {
      begun();
      await released;
    });
  });
  return () => {
    letGo();
    return ended;
  };
}

test('a client that reads a result in part can run its next statement', async () => {
  const link = await guest();
  for (let times = 0; times < 3; times += 1) {
    for await (const rows of link.chunks('select range as n from range(1000000)')) {
      expect(rows[0]).toEqual({ n: 0 });
      break;
    }
    expect(await link.rows(`select ${times} as times`)).toEqual([{ times }]);
  }
  // Neither ended nor closed: its rows are still being sent.
  const left = link.chunks('select range as n from range(1000000)');
  await left.next();
  expect(await one(link)).toBe(1);
});

test('a client can interrupt a statement and run others; a late interrupt has no effect', async () => {
  const link = await guest();
  for (let times = 0; times < 20; times += 1) {
    const counted = link.rows(endless);
    setImmediate(() => link.interrupt());
    await expect(counted).rejects.toThrow(interrupted);
    const short = link.rows('select 1 as n');
    // It may arrive before, with or after the response.
    setImmediate(() => link.interrupt());
    await short.catch((error: unknown) => expect(String(error)).toMatch(interrupted));
    link.interrupt();
    expect(await one(link)).toBe(1);
  }
});

test('a long DuckDB message arrives completely', async () => {
  const link = await guest();
  const long = 'x'.repeat(3_000_000);
  await expect(link.rows(`select error('${long}')`)).rejects.toThrow(long);
  expect(await link.rows(`select '${long}' as text`)).toEqual([{ text: long }]);
  expect(await link.rows("select 'a\nb\r\u2028\u2029\ud83d\ude00' as text")).toEqual([
    { text: 'a\nb\r\u2028\u2029\ud83d\ude00' },
  ]);
});

test('twenty concurrent clients get their own results', async () => {
  const links = await Promise.all(Array.from({ length: 20 }, () => guest()));
  const sums = await Promise.all(
    links.map(async (link, n) => link.rows(`select ${n} as n, sum(range)::bigint as sum from range(${n * 1000})`)),
  );
  expect(sums.map(([row]) => row)).toEqual(
    links.map((_, n) => ({ n, sum: n === 0 ? null : (n * 1000 * (n * 1000 - 1)) / 2 })),
  );
  expect((await app.inject('/readyz')).statusCode).toBe(200);
});

test.each([
  ['no JSON', 'garbage\n'],
  ['null', 'null\n'],
  ['a list', '[]\n'],
  ['a statement without a number', '{"op":"run","sql":"select 1"}\n'],
  ['half a line', '{"op":"run",'],
  ['bytes', Buffer.from([0, 255, 254, 10, 10, 200])],
])('a client that sends %s is disconnected or ignored; the others are not affected', async (_, sent) => {
  const [link, socket] = [await guest(), await stranger()];
  socket.end(sent);
  await once(socket.resume(), 'close');
  expect(await one(link)).toBe(1);
});

test.each([
  ['a word that is none', { op: 'dance', id: 1 }, { id: 1, done: null }],
  ['a statement that is no text', { op: 'run', id: 1, sql: 5 }, { id: 1, error: expect.any(String) as string }],
  [
    'bindings that are none',
    { op: 'rows', id: 1, sql: 'select $x::bigint', bindings: { x: 7 } },
    { id: 1, error: expect.any(String) as string },
  ],
  ['an empty statement', { op: 'run', id: 1 }, { id: 1, done: 0 }],
])('a client that sends %s gets a response', async (_, sent, answered) => {
  const socket = await stranger();
  socket.setEncoding('utf8').write(`${JSON.stringify(sent)}\n`);
  const [line] = (await once(socket, 'data')) as [string];
  expect(JSON.parse(line)).toEqual(answered);
  socket.destroy();
});

test('DuckDB computes no more rows than a client reads', async () => {
  let [pulled, before] = [0, -1];
  const another = owner.openWriter.bind(owner);
  owner.openWriter = async () => {
    const duckdb = await another();
    const chunks = duckdb.chunks.bind(duckdb);
    duckdb.chunks = async function* counted(...args: Parameters<DuckDb['chunks']>) {
      for await (const rows of chunks(...args)) {
        pulled += 1;
        yield rows;
      }
    };
    return duckdb;
  };
  const socket = await stranger();
  owner.openWriter = another;
  socket.pause().write(`${JSON.stringify({ op: 'rows', id: 1, sql: 'select range as n from range(1000000000)' })}\n`);
  while (pulled !== before || pulled === 0) {
    before = pulled;
    await setTimeout(100);
  }
  expect(pulled).toBeLessThan(200);
  // A client that disconnects in the middle is cleaned up like any other.
  socket.destroy();
  expect(await one(await guest())).toBe(1);
});

test('a client has its own folder and schema, and both are removed with it', async () => {
  const link = await guest();
  const room = await link.enter();
  expect([
    room.startsWith(`${owner.workDir}/`),
    statSync(room).mode & 0o777,
    statSync(owner.workDir).mode & 0o777,
  ]).toEqual([true, 0o700, 0o700]);
  await link.run(`create schema memory.${room.split('/').at(-1)}`);
  await link.close();
  await until(() => !existsSync(room));
  expect(readdirSync(owner.workDir)).toEqual(['socket']);
  expect(
    await owner.systemConnection.rows("select schema_name from duckdb_schemas() where schema_name like 'guest%'"),
  ).toEqual([]);
});

test('an unfinished transaction is rolled back when its client disconnects', async () => {
  const link = await guest();
  await writing(link);
  await link.run('begin transaction');
  await link.run("insert into tokens values ('t', 'h', 'read', null, now()::timestamp, null)");
  await link.close();
  const next = await guest();
  const end = await writing(next);
  expect(await next.rows("select count(*) as n from tokens where name = 't'")).toEqual([{ n: 0 }]);
  await end();
});

test('clients and requests take turns to write', async () => {
  const [first, second] = [await guest(), await guest()];
  const end = await writing(first);
  const order: string[] = [];
  const others = [
    second.withWriteLock(async () => void order.push('guest')),
    owner.write((duckdb) => duckdb.withWriteLock(async () => void order.push('request'))),
  ];
  await setTimeout(50);
  expect(order).toEqual([]);
  // Readers do not wait.
  expect(await one(await guest())).toBe(1);
  expect((await app.inject('/v0/pipes/station_analytics.json?currency=EUR')).statusCode).toBe(200);
  order.push('first');
  await end();
  await Promise.all(others);
  // Their order does not matter.
  expect([order[0], ...order.slice(1).toSorted()]).toEqual(['first', 'guest', 'request']);
});

test('a client that disconnects while it waits for the lock, or holds it, blocks nobody', async () => {
  const [first, second, third] = [await guest(), await guest(), await guest()];
  await writing(first);
  const waiting = expect(second.withWriteLock(async () => undefined)).rejects.toThrow('has stopped');
  await second.close();
  await waiting;
  const turn = writing(third);
  await first.close();
  await (
    await turn
  )();
});

test('a client can stop waiting for the lock', async () => {
  const [first, second] = [await guest(), await guest()];
  const end = await writing(first);
  const waiting = expect(second.withWriteLock(async () => undefined)).rejects.toThrow(interrupted);
  setImmediate(() => second.interrupt());
  await waiting;
  expect(await one(second)).toBe(1);
  await end();
  await (
    await writing(second)
  )();
});

test('it says that it waits, and waits no longer than allowed', async () => {
  const told: string[] = [];
  const patience: LockWait = {
    seconds: 0.7,
    notify: (line) => void told.push(line),
    signal: new AbortController().signal,
  };
  const [first, second] = [await guest(), await guest(patience)];
  const end = await writing(first);
  await expect(second.withWriteLock(async () => undefined)).rejects.toMatchObject({
    kind: 'database_locked',
    fullMessage: 'another process is writing to the database. Wait until it ends, or stop it.',
  });
  expect(told).toEqual(['another process is writing to the database; waiting (Ctrl-C to cancel)']);
  await end();
  await second.withWriteLock(async () => undefined);
  expect(told).toHaveLength(1);
});

test('a client whose statement failed releases the lock to those that wait', async () => {
  const [first, second] = [await guest(), await guest()];
  await expect(
    first.withWriteLock(async () => {
      await first.run('begin transaction');
      await first.run("insert into tokens values ('t', 'h', 'read', null, now()::timestamp, null)");
      throw new Error('of its own');
    }),
  ).rejects.toThrow('of its own');
  await second.withWriteLock(async () => {
    await second.run('begin transaction');
    await second.run("delete from tokens where name = 't'");
    await second.run('commit');
  });
});

test('on close, connected clients get a grace period and are then disconnected; new ones are rejected', async () => {
  const others = await ClientServer.listen((await startInProcessServer()).context.owner);
  const link = (await RemoteConnection.open(others.socketPath))!;
  expect(await one(link)).toBe(1);
  const counted = expect(link.rows(endless)).rejects.toMatchObject({
    kind: 'failed',
    fullMessage: 'the server that holds the database has stopped. Run the command again; no changes were made.',
  });
  await others.close(300);
  await counted;
  expect(await RemoteConnection.open(others.socketPath)).toBeUndefined();
});

test('a select that allocates uncounted memory is stopped, and the command can continue', async () => {
  const small = await startInProcessServer({ files: ['test/reports/data/dozen'], memoryLimit: '200MiB' });
  const others = await ClientServer.listen(small.context.owner);
  const link = (await RemoteConnection.open(others.socketPath))!;
  await expect(link.rows('select mad(a.range + b.range) from range(1000000) a, range(1000) b')).rejects.toThrow(
    /Out of Memory/,
  );
  expect(await one(link)).toBe(1);
  await link.close();
  await others.close(0);
});

/** Databases that the server has attached. */
const attached = async (): Promise<number> =>
  Number((await owner.systemConnection.row('select count(*) as n from duckdb_databases() where not internal'))['n']);

test('a client can have the database copied into its own folder alone', async () => {
  const link = await guest();
  const folder = await link.enter();
  const before = await attached();
  const rows = Number((await link.rows('select count(*) as n from db.main.charging_sessions'))[0]!['n']);
  const size = await link.copyDatabase(`${folder}/copy.duckdb`);
  expect(size.rows).toBeGreaterThanOrEqual(rows);
  expect([existsSync(`${folder}/copy.duckdb`), await attached()]).toEqual([true, before]);
  for (const path of [
    '/tmp/copy.duckdb',
    `${folder}/../copy.duckdb`,
    `${owner.workDir}/copy.duckdb`,
    'copy.duckdb',
    '',
  ])
    await expect(link.copyDatabase(path)).rejects.toThrow('expected a file in');
  // The file exists now.
  await expect(link.copyDatabase(`${folder}/copy.duckdb`)).rejects.toThrow();
  expect(await attached()).toBe(before);
});

test('a copy that is interrupted, or whose client leaves, is detached', async () => {
  const before = await attached();
  for (const leave of [false, true]) {
    const link = await guest();
    const folder = await link.enter();
    const copying = link.copyDatabase(`${folder}/copy.duckdb`);
    if (leave) await link.close();
    else link.interrupt();
    await copying.catch(() => undefined);
    await until(() => leave === false || !existsSync(folder));
    expect(await attached()).toBe(before);
    if (!leave) expect(await one(link)).toBe(1);
  }
});
