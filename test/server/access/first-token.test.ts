import { expect, test } from 'vitest';
import { createFirstToken, readFirstToken } from '../../../src/server/access/first-token.ts';
import { startInProcessServer } from '../../support/in-process-server.ts';
import { makeToken, withToken } from '../../support/tokens.ts';

const secret = 'f3c1a9d27b5e48069a1c3d5e7f90b2c4';
const now = new Date('2026-01-01T00:00:00Z');

test('a token of the environment must be long, random and without spaces, and no error repeats it', () => {
  expect([readFirstToken({}), readFirstToken({ WATTDUCK_TOKEN: '' })]).toEqual([undefined, undefined]);
  expect(readFirstToken({ WATTDUCK_TOKEN: secret })).toBe(secret);
  for (const weak of [secret.slice(1), ` ${secret}`, `${secret}\n`, `${secret}ä`, 'ab'.repeat(20), secret.repeat(17)]) {
    const read = (): unknown => readFirstToken({ WATTDUCK_TOKEN: weak });
    expect(read).toThrow('WATTDUCK_TOKEN must be a random token of 32 to 512 characters without spaces');
    expect(read).not.toThrow(weak);
  }
});

test('it is the admin token of a database without tokens, and can be revoked like any other', async () => {
  const server = await startInProcessServer();
  const { app, context } = server;
  const status = async (token?: string): Promise<number> =>
    (await app.inject({ url: '/v0/pipes/tokens.json', ...(token === undefined ? {} : withToken(token)) })).statusCode;
  const start = (token = secret): Promise<string | undefined> => createFirstToken(context.owner, token, now);

  expect(await status()).toBe(200);
  expect(await start()).toBe('token "admin" (admin) was created from WATTDUCK_TOKEN');
  expect([await status(), await status(secret), await status(`${secret}0`)]).toEqual([403, 200, 403]);
  // The same at the next start.
  expect(await start()).toBeUndefined();
  // The database keeps its tokens.
  expect(await start(`${secret}0`)).toBe(
    'warning: WATTDUCK_TOKEN is ignored: the database already has tokens (add one with `wattduck token create NAME`)',
  );
  expect([await status(secret), await status(`${secret}0`)]).toEqual([200, 403]);
  const other = await makeToken(server, 'other', { scopes: 'admin' });
  const { data } = (await app.inject({ url: '/v0/pipes/tokens.json', ...withToken(other) })).json() as {
    data: object[];
  };
  expect(data).toMatchObject([
    { name: 'admin', scopes: 'admin', revoked_at: null },
    { name: 'other', scopes: 'admin' },
  ]);
  await context.owner.write((duckdb) =>
    duckdb.withWriteLock(() =>
      duckdb.run("update tokens set revoked_at = '2026-01-02 00:00:00'::timestamp where name = 'admin'"),
    ),
  );
  expect(await start()).toBe('warning: WATTDUCK_TOKEN is the revoked token "admin"; requests with it are rejected');
  expect([await status(secret), await status(other)]).toEqual([403, 200]);
  const { stored } = await context.owner.systemConnection.row(
    `select count(*) as stored from tokens where name || hash || scopes like '%${secret}%'`,
  );
  expect(Number(stored)).toBe(0);
});
