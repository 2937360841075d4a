import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { spawnCliGroup, type SpawnedGroup } from '../../e2e/spawn-group.ts';
import { scratch, wattduck } from '../../support/cli.ts';

const folder = scratch();
const db = join(folder, 'served.duckdb');
const token = (...args: string[]): SpawnedGroup['ended'] => spawnCliGroup(['token', ...args, '--db', db], folder).ended;

/** URL of a server that has just started. */
async function urlOf({ child, ended }: SpawnedGroup): Promise<string> {
  let said = '';
  child.stderr!.on('data', (text: string) => (said += text));
  let isOver = false;
  void ended.then(() => (isOver = true));
  for (;;) {
    const [, url] = /at (http:\S+)/.exec(said) ?? [];
    if (url) return url;
    if (isOver) throw new Error(said);
    await setTimeout(20);
  }
}

test('tokens created and revoked by other processes take effect at once; their requests are logged by shutdown', async () => {
  const serving = spawnCliGroup(['serve', '--port', '0', '--db', db], folder);
  const url = `${await urlOf(serving)}/v0/pipes/ingests.json`;
  const ask = async (bearer?: string): Promise<unknown[]> => {
    const { status, headers } = await fetch(
      url,
      bearer === undefined ? {} : { headers: { authorization: `Bearer ${bearer}` } },
    );
    return [status, headers.get('x-ratelimit-remaining')];
  };
  expect(await ask()).toEqual([200, null]);

  const first = await token('create', 'first');
  expect([first.status, first.stdout]).toEqual([0, expect.stringMatching(/^wd_[\w-]{43}\n$/)]);
  expect(await ask()).toEqual([403, null]);
  expect(await ask(first.stdout.trim())).toEqual([200, null]);

  const second = await token('create', 'second', '--daily-limit', '2');
  for (const expected of [
    [200, '1'],
    [200, '0'],
    [429, '0'],
  ])
    expect(await ask(second.stdout.trim())).toEqual(expected);

  expect(await token('create', 'first')).toMatchObject({ status: 1, stdout: '' });
  expect(await token('revoke', 'first')).toMatchObject({ status: 0, stdout: 'token "first" was revoked\n' });
  expect(await ask(first.stdout.trim())).toEqual([403, null]);
  expect(await token('revoke', 'first')).toMatchObject({ status: 1 });

  serving.child.kill('SIGTERM');
  const { status, stdout, stderr } = await serving.ended;
  expect([status, stdout]).toEqual([0, '']);
  for (const made of [first, second]) expect(stderr).not.toContain(made.stdout.trim().slice(3));
  const listed = await wattduck(['token', 'list', '--db', db, '--format', 'csv', '--columns', 'name,requests_today'], {
    now: new Date(),
  });
  expect(listed.stdout).toBe('name,requests_today\nfirst,1\nsecond,2\n');
});
