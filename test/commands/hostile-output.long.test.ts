import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { plainText } from '../../src/text/plain-text.ts';
import { scratch, wattduck } from '../support/cli.ts';
import { encodable, findForbidden, flood, forbidden, hostile } from '../support/hostile-text.ts';
import { sample } from '../support/runs.ts';

const folder = scratch();
const db = join(folder, 'x.duckdb');
const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const terminal = { terminal: 120 };

/** Bold table heads are the program's own. */
const withoutBold = (text: string): string => text.replaceAll('\u001b[1m', '').replaceAll('\u001b[22m', '');

test('the corpus is complete', () => {
  expect(hostile.length).toBeGreaterThan(120);
  expect(findForbidden('plain text, with tabs\tand lines\n, 👍🏽, é, 中文')).toEqual([]);
  for (const each of forbidden) expect(findForbidden(`a${each}b`)).not.toEqual([]);
  expect(findForbidden(flood)).toEqual(['flood']);
});

test('ordinary text stays unchanged', () => {
  for (const text of [
    'a\tb\n',
    'Zürich – Köln',
    '東京駅',
    'नमस्ते',
    'שָׁלוֹם',
    'مرحبا',
    '👍🏽 ❤️ 🇩🇪',
    'e\u0301',
    'price: 3 €',
  ])
    expect(plainText(text)).toBe(text);
});

test('invisible characters are removed from hostile text, and nothing else', () => {
  for (const text of hostile) expect(findForbidden(plainText(text))).toEqual([]);
  for (const each of forbidden) expect(plainText(`a${each}b`)).toBe('ab');
});

test('an import of hostile names, headers and values', async () => {
  const rows = encodable.map((text, n) => `s${n},${quoted(text)},2024-01-01 00:00:00,${quoted(text)}`);
  const header = `session_id,station_id,start_time,energy_kwh`;
  writeFileSync(
    join(folder, 'values.csv'),
    `${header}\n${rows.join('\n')}\ngood,${quoted('x\u001b[2J\u202ey')},2024-01-01 00:00:00,1\n`,
  );
  for (const options of [terminal, {}]) {
    const { status, stdout, stderr } = await wattduck(
      ['ingest', join(folder, 'values.csv'), '--db', db, '--force'],
      options,
    );
    expect([status, findForbidden(stderr)]).toEqual([0, []]);
    expect(findForbidden(stdout)).toEqual([]);
  }
  for (const args of [
    ['quarantine', 'list'],
    ['quarantine', 'show', '--limit', '1000'],
    ['quarantine', 'export'],
    ['sources'],
    ['ingests'],
    ['report', 'get-sessions'],
  ]) {
    for (const format of ['table', 'csv', 'json', 'ndjson', 'markdown']) {
      const { status, stdout, stderr } = await wattduck([...args, '--db', db, '--format', format], {
        ...terminal,
        env: { FORCE_COLOR: '1' },
      });
      expect([args, format, status, findForbidden(withoutBold(stdout)), findForbidden(stderr)]).toEqual([
        args,
        format,
        0,
        [],
        [],
      ]);
      expect(stdout).not.toBe('');
    }
  }
  // Otherwise the test would not have printed anything hostile.
  const { stdout } = await wattduck(['quarantine', 'export', '--db', db]);
  expect(stdout).toContain('a\u001b[2Jb');
  expect(stdout).toContain('a\u202eb');
});

test.each(['table', 'csv', 'json', 'ndjson', 'markdown'])(
  'values and column names of a select, as %s on a terminal',
  async (format) => {
    const chosen = encodable.map((text, n) => `${literal(text)} as ${quoted(`c${n}${text}`)}`);
    for (const part of [chosen.slice(0, 65), chosen.slice(65)]) {
      for (const wide of [[], ...(format === 'table' ? [['--wide']] : [])]) {
        const { status, stdout, stderr } = await wattduck(
          ['sql', `select ${part.join(', ')}`, '--db', db, '--format', format, ...wide],
          { ...terminal, env: { FORCE_COLOR: '1' } },
        );
        expect([status, status === 0 ? '' : stderr, findForbidden(withoutBold(stdout)), findForbidden(stderr)]).toEqual(
          [0, '', [], []],
        );
      }
    }
  },
);

test('colour codes in a value are removed', async () => {
  const { stdout } = await wattduck(['sql', `select 'a\u001b[1mb' as "h\u001b[31m"`, '--db', db], {
    ...terminal,
    env: { FORCE_COLOR: '1' },
  });
  // Only the head is bold.
  expect(stdout).toBe('\u001b[1mh[31m\u001b[22m\n─────\na[1mb\n');
});

test.each(['csv', 'json', 'ndjson'])('a pipe and a file have %s as it is', async (format) => {
  const text = 'a\u001b[2J\u202e\u200bb\r';
  const statement = `select ${literal(text)} as v`;
  const written = {
    csv: `v\n"${text}"\n`,
    json: JSON.stringify([{ v: text }], null, 2) + '\n',
    ndjson: `${JSON.stringify({ v: text })}\n`,
  }[format]!;
  expect(await wattduck(['sql', statement, '--db', db, '--format', format])).toEqual({
    status: 0,
    stdout: written,
    stderr: '',
  });
  const file = join(folder, `out.${format}`);
  expect(await wattduck(['sql', statement, '--db', db, '--format', format, '-o', file], terminal)).toEqual({
    status: 0,
    stdout: '',
    stderr: '',
  });
  expect(readFileSync(file, 'utf8')).toBe(written);
});

test('errors that repeat a hostile value are one line', async () => {
  const commands = (text: string): string[][] => [
    ['report', text],
    ['report', 'user-usage', '--sort', text],
    ['report', 'user-usage', `--${text}`],
    ['report', 'user-usage', '--format', text],
    [text],
    [`--${text}`],
    ['ingest', join(folder, text)],
    ['ingest', 'x.csv', '--date-order', text],
    ['ingest', 'x.csv', '--max-errors', text],
    ['issues', text],
    ['sql', `select "${text}"`],
    ['doctor', '--tz', text],
    ['report', '--db', join(folder, text)],
    ['sources', 'describe', text],
    ['token', 'create', text],
    ['quarantine', 'list', '--wait', text],
  ];
  const seen = new Set<number>();
  for (const [n, text] of sample(encodable, 16).entries()) {
    const args = commands(text);
    // Every text goes through some commands, and every command prints many of them.
    for (const each of [args[n % args.length]!, args[(n * 7 + 3) % args.length]!]) {
      const { status, stdout, stderr } = await wattduck(each.includes('--db') ? each : [...each, '--db', db], terminal);
      seen.add(status);
      expect([each, findForbidden(stderr), findForbidden(withoutBold(stdout))]).toEqual([each, [], []]);
      // A mistake in SQL is shown in its line, with a caret below.
      if (status !== 0) expect(stderr).toMatch(/^error: [^\n]+\n(?:LINE \d+: [^\n]*\n *\^\n)?$/);
    }
  }
  expect(seen.has(1) && seen.has(2)).toBe(true);
});
