import { readdirSync, readFileSync, readlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { scratch, wattduck } from '../support/cli.ts';
import { hasPty, isRestored, key, noPty, startInTerminal, visibleLines, type Terminal } from '../support/pty.ts';
import { writeReports } from '../support/report-files.ts';
import { holdDatabase } from '../warehouse/processes.ts';
import { createHomes, spawnServer, waitFor } from './spawn-cli.ts';
import { databaseContent, sessionsCsv } from './spawn-group.ts';

const folder = scratch();
const at = (name: string): string => join(folder, name);
const interrupted = 'error: interrupted; no changes were made';
/** Milliseconds within which a key must have ended the program, on a machine that is busy with other tests. */
const patience = 10_000;

// A second question holds a join of as many rows as no machine compares in a minute.
const slowSelect =
  "select count(*) as n from charging_sessions a join charging_sessions b on a.session_id || b.session_id like '%zz%'";
const reports = writeReports({ slow: { columns: ['n'], sql: slowSelect } });

const fresh = createHomes(folder, at('before.duckdb'));
let before: unknown;
beforeAll(async () => {
  if (!hasPty) return;
  writeFileSync(at('first.csv'), sessionsCsv(0, 200_000, '2024-01-02 00:00:00'));
  expect((await wattduck(['ingest', at('first.csv'), '--db', at('before.duckdb')])).status).toBe(0);
  before = await databaseContent(at('before.duckdb'));
  writeFileSync(at('big.csv'), sessionsCsv(100_000, 1_000_000, '2024-02-03 00:00:00'));
});

/** Presses a key and says how the program ended. */
async function pressed(terminal: Terminal, which: string): Promise<{ lines: string[]; status: number | null }> {
  const began = performance.now();
  terminal.press(which);
  const { screen, status } = await terminal.ended;
  expect(performance.now() - began).toBeLessThan(patience);
  expect(isRestored(screen)).toBe(true);
  return { lines: visibleLines(screen), status };
}

async function isUnchanged({ cwd, db, tempDir }: ReturnType<typeof fresh>): Promise<void> {
  expect(await databaseContent(db)).toEqual(before);
  expect(readdirSync(tempDir)).toEqual([]);
  expect(readdirSync(cwd).toSorted()).toEqual(['tmp', 'x.duckdb']);
}

/** Whether another process has the file open; told by /proc, which is where `script` is. */
const isOpen = (path: string): boolean =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .some((pid) => {
      try {
        return readdirSync(`/proc/${pid}/fd`).some((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`) === path);
      } catch {
        // It ended meanwhile, or another user has it.
        return false;
      }
    });

describe.skipIf(!hasPty)(`keys in a terminal (${hasPty ? 'util-linux script' : `skipped: ${noPty}`})`, () => {
  test('Ctrl-C stops an ingest, and nothing of it is in the database', async () => {
    const home = fresh();
    const terminal = startInTerminal(['ingest', at('big.csv'), '--db', home.db], home);
    await terminal.waitFor('big.csv');
    expect(await pressed(terminal, key.ctrlC)).toEqual({ lines: [interrupted], status: 130 });
    await isUnchanged(home);
  });

  test('Ctrl-\\ ends an ingest at once', async () => {
    const home = fresh();
    const terminal = startInTerminal(['ingest', at('big.csv'), '--db', home.db], home);
    await terminal.waitFor('big.csv');
    // 128 and SIGQUIT.
    expect((await pressed(terminal, key.quit)).status).toBe(131);
    expect(await databaseContent(home.db)).toEqual(before);
  });

  test('Ctrl-Z stops an ingest until the shell lets it go on', async () => {
    const home = fresh();
    const terminal = startInTerminal(['ingest', at('big.csv'), '--db', home.db], {
      ...home,
      after: 'fg; code=$?; echo "then:$code";',
    });
    await terminal.waitFor('big.csv');
    terminal.press(key.ctrlZ);
    // 128 and SIGTSTP.
    await terminal.waitFor('status:148');
    const { screen, status } = await terminal.ended;
    expect([status, isRestored(screen)]).toEqual([0, true]);
    expect(screen).toContain('then:0');
    expect(screen).toContain('900,000 rows read');
  });

  test('Ctrl-C stops a copy into another encoding, which DuckDB has no part in', async () => {
    const home = fresh();
    // A header and nothing but zeros: to copy all of it would take minutes.
    writeFileSync(at('sparse.csv'), 'session_id,station_id,start_time\n'.repeat(4000));
    truncateSync(at('sparse.csv'), 2 ** 37);
    const terminal = startInTerminal(['ingest', at('sparse.csv'), '--encoding', 'latin-1', '--db', home.db], home);
    await terminal.waitFor('sparse.csv');
    await waitFor(
      () =>
        readdirSync(home.tempDir).some((name) =>
          readdirSync(join(home.tempDir, name)).some((file) => file.startsWith('utf8-')),
        ),
      'the copy has begun',
    );
    expect(await pressed(terminal, key.ctrlC)).toEqual({ lines: [interrupted], status: 130 });
    await isUnchanged(home);
  });

  test('Ctrl-C stops an ingest that waits for standard input', async () => {
    const home = fresh();
    const terminal = startInTerminal(['ingest', '-', '--db', home.db], home);
    await waitFor(
      () => readdirSync(home.tempDir).some((name) => readdirSync(join(home.tempDir, name)).includes('original')),
      'it reads',
    );
    expect(await pressed(terminal, key.ctrlC)).toEqual({ lines: [interrupted], status: 130 });
    await isUnchanged(home);
  });

  test('Ctrl-C stops the wait for a database another process holds', async () => {
    const home = fresh();
    const held = await holdDatabase(home.db);
    const terminal = startInTerminal(['ingest', at('big.csv'), '--db', home.db], home);
    // Where the line wraps depends on the length of the process ID.
    await terminal.waitFor(/waiting\s+\(Ctrl-C\s+to\s+cancel\)/);
    const { lines, status } = await pressed(terminal, key.ctrlC);
    expect([status, lines.at(-1)]).toEqual([130, expect.stringMatching(/^error: interrupted while waiting for /)]);
    held.kill('SIGKILL');
  });

  test('Ctrl-C stops an ingest that goes through a server', async () => {
    const home = fresh();
    const server = await spawnServer(home.db, home);
    const terminal = startInTerminal(['ingest', at('big.csv'), '--db', home.db], home);
    await terminal.waitFor('big.csv');
    expect(await pressed(terminal, key.ctrlC)).toEqual({ lines: [interrupted], status: 130 });
    expect(await databaseContent(home.db)).toEqual(before);
    server.child.kill('SIGTERM');
    expect((await server.ended).status).toBe(0);
    await isUnchanged(home);
  });

  test('Ctrl-C stops an ingest whose server answers no more', async () => {
    const home = fresh();
    const server = await spawnServer(home.db, home);
    const terminal = startInTerminal(['ingest', at('big.csv'), '--db', home.db], home);
    await terminal.waitFor('big.csv');
    server.child.kill('SIGSTOP');
    expect(await pressed(terminal, key.ctrlC)).toEqual({ lines: [interrupted], status: 130 });
    server.child.kill('SIGCONT');
    server.child.kill('SIGTERM');
    expect((await server.ended).status).toBe(0);
    await isUnchanged(home);
  });

  test.each([
    ['sql', ['sql', slowSelect]],
    ['report', ['report', 'slow', '--sql-dir', reports]],
  ])(
    'Ctrl-C stops %s',
    async (_, args) => {
      const home = fresh();
      const terminal = startInTerminal([...args, '--db', home.db], home);
      await waitFor(() => isOpen(home.db), 'the file is open');
      expect(await pressed(terminal, key.ctrlC)).toEqual({ lines: [interrupted], status: 130 });
      await isUnchanged(home);
    },
    60_000,
  );

  test('Ctrl-C leaves no half of an output file', async () => {
    const home = fresh();
    const out = join(home.cwd, 'out.csv');
    let isStopped = false;
    // The report may be written before the key arrives: then the file is whole.
    for (let tries = 0; !isStopped && tries < 20; tries += 1) {
      writeFileSync(out, 'what was there before');
      const terminal = startInTerminal(['report', 'get-sessions', '--all', '-o', out, '--db', home.db], home);
      await waitFor(
        () =>
          readdirSync(home.cwd).some((name) => name.startsWith('.wattduck-')) || readFileSync(out, 'utf8').length > 100,
        'rows are written',
      );
      const { lines, status } = await pressed(terminal, key.ctrlC);
      isStopped = status === 130;
      if (isStopped) expect([lines, readFileSync(out, 'utf8')]).toEqual([[interrupted], 'what was there before']);
      else expect([status, readFileSync(out, 'utf8').split('\n').length > 190_000]).toEqual([0, true]);
      expect(readdirSync(home.cwd).toSorted()).toEqual(['out.csv', 'tmp', 'x.duckdb']);
    }
    expect(isStopped).toBe(true);
  });

  test('Ctrl-C stops a forecast in its threads', async () => {
    const home = fresh();
    const rows = Array.from(
      { length: 400 * 30 },
      (_row, n) =>
        `f${n},station ${n % 400},2024-01-${String(1 + (Math.floor(n / 400) % 30)).padStart(2, '0')} 08:00:00,2024-01-${String(1 + (Math.floor(n / 400) % 30)).padStart(2, '0')} 09:00:00,${n % 50}`,
    );
    writeFileSync(
      join(home.cwd, 'days.csv'),
      `session_id,station_id,start_time,end_time,energy_kwh\n${rows.join('\n')}\n`,
    );
    expect((await wattduck(['ingest', join(home.cwd, 'days.csv'), '--db', home.db])).status).toBe(0);
    const terminal = startInTerminal(
      ['report', 'energy-forecasts', '--by', 'charge_point', '--as-of', '2024-02-01', '--db', home.db],
      home,
    );
    await terminal.waitFor(/forecasting [\d,]+ of/);
    expect(await pressed(terminal, key.ctrlC)).toEqual({ lines: [interrupted], status: 130 });
  });

  test('Ctrl-C lets a server finish, and a second one ends it at once', async () => {
    const home = fresh();
    const calm = startInTerminal(['serve', '--db', home.db, '--port', '0'], home);
    await calm.waitFor('(press Ctrl-C to stop)');
    const { lines, status } = await pressed(calm, key.ctrlC);
    expect([status, lines.at(-1)]).toEqual([0, 'Shutting down after open requests finish (Ctrl-C again to stop now)']);
    await isUnchanged(home);

    const busy = startInTerminal(['serve', '--db', home.db, '--port', '0'], home);
    await busy.waitFor('(press Ctrl-C to stop)');
    const url = / at (http\S+) \(/.exec(busy.screen())![1]!;
    const asked = fetch(`${url}/v0/sql?q=${encodeURIComponent(slowSelect)}`).then(
      () => 'answered',
      () => 'broken off',
    );
    await waitFor(
      async () => /wattduck_queries\{state="running"\} [1-9]/.test(await (await fetch(`${url}/metrics`)).text()),
      'the query runs',
    );
    busy.press(key.ctrlC);
    await busy.waitFor('Shutting down');
    const began = performance.now();
    busy.press(key.ctrlC);
    expect((await busy.ended).status).toBe(130);
    expect(performance.now() - began).toBeLessThan(patience);
    expect(await asked).toBe('broken off');
  });
});
