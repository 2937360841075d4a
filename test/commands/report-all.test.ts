import { EventEmitter } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { processIo, type OutputStream } from '../../src/io.ts';
import { main } from '../../src/main.ts';
import { scratch, wattduck } from '../support/cli.ts';

const folder = scratch();
const db = join(folder, 'all.duckdb');
const rows = 5000;
const two = (n: number): string => String(n).padStart(2, '0');

beforeAll(async () => {
  const file = join(folder, 'sessions.csv');
  const lines = Array.from({ length: rows }, (_, at) => {
    const minute = `2025-01-${two(1 + (at % 28))} ${two(at % 24)}:${two(at % 60)}`;
    return `s-${at},cp-${at % 7},site-1,${minute}:00,${minute}:30,${at % 50},${(at % 900) / 100},EUR`;
  });
  writeFileSync(
    file,
    `session_id,station_id,site_id,start_time,end_time,energy_kwh,amount_paid,currency\n${lines.join('\n')}\n`,
  );
  expect((await wattduck(['ingest', file, '--db', db])).status).toBe(0);
});

const events = ['report', 'charging-events', 'site-1', '--from', '2025-01-01', '--to', '2025-01-31', '--sort', 'cost'];
const run = (...args: string[]): ReturnType<typeof wattduck> => wattduck([...args, '--db', db]);

describe('--all prints every page', () => {
  test.each([['ndjson'], ['csv']])('as %s', async (format) => {
    const pages: string[] = [];
    for (let skip = 0; skip < rows; skip += 1000) {
      const page = (await run(...events, '--skip', String(skip), '--format', format)).stdout;
      pages.push(format === 'csv' && skip > 0 ? page.slice(page.indexOf('\n') + 1) : page);
    }
    const whole = await run(...events, '--all', '--format', format);
    expect(whole.stdout).toBe(pages.join(''));
    expect(whole.stdout.trimEnd().split('\n').length).toBe(rows + (format === 'csv' ? 1 : 0));
    expect(whole.stderr).toBe('');
  });

  test('into a file, in the format of its extension', async () => {
    const path = join(folder, 'events.ndjson');
    expect((await run(...events, '--all', '-o', path)).status).toBe(0);
    expect(readFileSync(path, 'utf8')).toBe((await run(...events, '--all', '--format', 'ndjson')).stdout);
  });

  test('with --columns', async () => {
    const { stdout } = await run(...events, '--all', '--format', 'csv', '--columns', 'charger_id,cost');
    expect(stdout.split('\n').slice(0, 2)).toEqual(['charger_id,cost', expect.stringMatching(/^cp-\d,8\.99$/)]);
  });

  test('of a report with a limit', async () => {
    const { stdout } = await run('report', 'get-sessions', '--all', '--format', 'ndjson');
    expect(stdout.trimEnd().split('\n').length).toBe(rows);
  });

  test('without rows, only the header', async () => {
    expect(
      (
        await run(
          'report',
          'get-sessions',
          '--user-id',
          'nobody',
          '--all',
          '--format',
          'csv',
          '--columns',
          'session_id',
        )
      ).stdout,
    ).toBe('session_id\n');
  });
});

describe('--all is rejected, and nothing is written', () => {
  const path = join(folder, 'never.csv');
  test.each([
    [
      'a format that needs all rows',
      events,
      [],
      'error: --all cannot be combined with the table format, which needs all rows at once. Use --format json, ndjson or csv.\n',
      2,
    ],
    [
      'markdown',
      events,
      ['-f', 'markdown'],
      'error: --all cannot be combined with the markdown format, which needs all rows at once. Use --format json, ndjson or csv.\n',
      2,
    ],
    ['with a page', events, ['--take', '5', '-f', 'csv'], 'error: --take cannot be combined with --all\n', 2],
    [
      'with a limit',
      ['report', 'get-sessions'],
      ['--limit', '5', '-f', 'csv'],
      'error: --limit cannot be combined with --all\n',
      2,
    ],
    [
      'for an unknown site',
      events.with(2, 'site-9'),
      ['-o', path],
      'error: site "site-9" not found. IDs and names are case-sensitive.\n',
      1,
    ],
    [
      'for a bad value',
      events.with(8, 'costs'),
      ['-o', path],
      'error: invalid value "costs" for --sort-field. Did you mean cost?\n',
      2,
    ],
  ])('%s', async (_, args, more, stderr, status) => {
    expect(await run(...args, '--all', ...more)).toEqual({ status, stdout: '', stderr });
    expect(existsSync(path)).toBe(false);
  });

  test('for a report without pages', async () => {
    expect(await run('report', 'revenue-summary', '--all')).toMatchObject({
      status: 2,
      stderr: "error: unknown option '--all'\n",
    });
  });
});

test('waits for a slow reader, with one chunk of rows in memory', async () => {
  const drained = new EventEmitter();
  const lines: number[] = [];
  let waiting = 0;
  const slow: OutputStream = {
    write: (text) => {
      expect(waiting, 'a chunk is written before the one before it has gone').toBe(0);
      waiting += 1;
      lines.push(text.split('\n').length - 1);
      setTimeout(() => {
        waiting -= 1;
        drained.emit('drain');
      }, 5);
      return false;
    },
    once: (event, listener) => drained.once(event, listener),
    isTTY: false,
  };
  expect(await main([...events, '--all', '-f', 'ndjson', '--db', db], { ...processIo(), stdout: slow, env: {} })).toBe(
    0,
  );
  expect(lines.reduce((sum, n) => sum + n, 0)).toBe(rows);
  expect(Math.max(...lines)).toBeLessThanOrEqual(2048);
});
