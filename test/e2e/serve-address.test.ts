import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scratch } from '../support/cli.ts';
import { createHomes, runCli, spawnServer, stopServer } from './spawn-cli.ts';

const secret = 'f3c1a9d27b5e48069a1c3d5e7f90b2c4';
const folder = scratch();
const home = createHomes(folder, join('test', 'reports', 'data', 'dozen', 'dozen.csv'));

test('a server on every address says where it listens and how to get access, with the token of the environment', async () => {
  const { cwd, env } = home();
  const db = join(cwd, 'new.duckdb');
  const server = await spawnServer(db, { cwd, env: { ...env, WATTDUCK_TOKEN: secret, HOST: '0.0.0.0', PORT: '0' } });
  const { port } = new URL(server.lockFile.url);
  const ask = async (token: string): Promise<number> =>
    (await fetch(`http://127.0.0.1:${port}/v0/pipes/tokens.json`, { headers: { authorization: `Bearer ${token}` } }))
      .status;
  expect([await ask(secret), await ask(`${secret}0`)]).toEqual([200, 403]);
  // Tokens are managed as always.
  expect(await runCli(['token', 'revoke', 'admin', '--db', db], { cwd, env })).toMatchObject({ status: 0 });
  expect(await ask(secret)).toBe(403);
  const { stdout, stderr, status } = await stopServer(server, 'SIGTERM');
  expect([status, stdout, stderr.includes(secret)]).toEqual([0, '', false]);
  expect(stderr.split('\n').slice(0, 4)).toEqual([
    'token "admin" (admin) was created from WATTDUCK_TOKEN',
    expect.stringMatching(/^Serving \S+new\.duckdb at http:\/\/127\.0\.0\.1:\d+ \(press Ctrl-C to stop\)$/),
    expect.stringMatching(new RegExp(`^Addresses: http://127\\.0\\.0\\.1:${port}(, http://|$)`)),
    expect.stringMatching(/^Requests need a token: send it as Authorization: Bearer TOKEN, or in a browser, /),
  ]);
});
