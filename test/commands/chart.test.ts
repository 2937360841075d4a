import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { scratch, wattduck, type CliResult, type RunOptions } from '../support/cli.ts';
import { importFiles } from '../support/import-files.ts';
import { dataSets } from '../support/in-process-server.ts';
import { parseSvg } from '../support/svg.ts';

// Charge point S1 (East 1) takes 3 euros on each day from 1 to 20 June 2025, S2 (West 1) 2.50, S3 1 from the 15th on, S4 2 francs on the 19th.
const folder = scratch();
const db = join(folder, 'steady.duckdb');
beforeAll(async () => {
  await importFiles(dataSets('steady'), db);
});

const report = (args: string[], options: RunOptions = {}): Promise<CliResult> =>
  wattduck(['report', ...args, '--db', db], { cwd: folder, ...options });

test('--chart draws ranked bars', async () => {
  const { status, stdout, stderr } = await report(['revenue-by-charge-point', '--chart', '--currency', 'EUR']);
  // 80 columns: 6 for the label, 5 for the value, 3 spaces: 66 for 60.00, so 55 for 50.00 and 6.6 for 6.00.
  expect(stdout).toBe(
    [
      'Revenue by charge point',
      'Revenue in EUR',
      `East 1 ${'█'.repeat(66)} 60.00`,
      `West 1 ${'█'.repeat(55)} 50.00`,
      `S3     ${'█'.repeat(6)}▋ 6.00`,
      '',
    ].join('\n'),
  );
  expect([status, stderr]).toEqual([0, '']);
});

test('sorting and paging select what is drawn', async () => {
  const { stdout } = await report([
    'revenue-by-charge-point',
    '--chart',
    '--currency',
    'EUR',
    '--sort',
    'revenue',
    '--limit',
    '2',
  ]);
  const lines = stdout.split('\n');
  expect(lines[1]).toBe('Revenue in EUR · 2 of 3');
  expect(lines.slice(2, 4).map((line) => line.slice(0, 6))).toEqual(['S3    ', 'West 1']);
});

test('the width is that of the terminal, with colours there alone', async () => {
  const args = ['revenue-by-charge-point', '--chart', '--currency', 'EUR'];
  const wide = await report(args, { terminal: 120 });
  expect(wide.stdout).toContain(`\u001b[36m${'█'.repeat(106)}\u001b[39m 60.00`);
  expect((await report(args, { terminal: 120, env: { NO_COLOR: '1' } })).stdout).not.toContain('\u001b');
  // A pipe has no colours, whatever FORCE_COLOR says to tables.
  expect((await report(args, { env: { FORCE_COLOR: '1' } })).stdout).not.toContain('\u001b');
});

test('--chart NAME draws another chart of the report', async () => {
  const { stdout } = await report(['energy-trends', '--chart', 'total-sessions', '--period', '2025-06']);
  expect(stdout.split('\n').slice(0, 3)).toEqual([
    'Energy trends',
    'Session count · 2025-06-01 to 2025-06-30 · UTC',
    '47',
  ]);
});

describe('SVG', () => {
  test('--format svg', async () => {
    const { status, stdout, stderr } = await report([
      'revenue-by-charge-point',
      '--format',
      'svg',
      '--currency',
      'EUR',
    ]);
    expect([status, stderr]).toEqual([0, '']);
    const { tips, root } = parseSvg(stdout);
    expect(tips).toEqual([
      'East 1: 60.00 EUR, session count 20, share of total 51.7 %',
      'West 1: 50.00 EUR, session count 20, share of total 43.1 %',
      'S3: 6.00 EUR, session count 6, share of total 5.2 %',
    ]);
    expect(root['width']).toBe('720');
  });

  test('a file that ends in .svg', async () => {
    const path = join(folder, 'trends.svg');
    expect(await report(['energy-trends', '-o', path, '--size', '1140x260'])).toEqual({
      status: 0,
      stdout: '',
      stderr: '',
    });
    const { root, texts, tips } = parseSvg(readFileSync(path, 'utf8'));
    expect([root['width'], root['height']]).toEqual(['1140', '260']);
    expect(texts.slice(0, 2)).toEqual(['Energy trends', 'Energy in kWh by day · UTC']);
    expect(tips).toHaveLength(20);
  });

  test('many points get a note with a coarser granularity', async () => {
    const sessions = join(folder, 'two-years.csv');
    const rows = ['2023-01-01', '2024-06-30'].map((day, at) => `s${at},A,${day} 10:00:00,${day} 11:00:00,10,completed`);
    writeFileSync(sessions, ['session_id,station_id,start_time,end_time,energy_kwh,status', ...rows, ''].join('\n'));
    const years = join(folder, 'years.duckdb');
    expect((await wattduck(['ingest', sessions, '--db', years])).status).toBe(0);
    const args = ['report', 'energy-trends', '--db', years, '--format', 'svg'];
    // 365 + 182 days.
    expect((await wattduck(args)).stderr).toBe('547 points (use --granularity week for fewer)\n');
    expect((await wattduck([...args, '--granularity', 'week'])).stderr).toBe('');
  });

  test('a forecast of totals draws its days', async () => {
    const path = join(folder, 'forecast.svg');
    const { status } = await report([
      'revenue-forecasts',
      '-o',
      path,
      '--currency',
      'EUR',
      '--as-of',
      '2025-06-21',
      '--horizons',
      '3',
      '--history',
      '4',
    ]);
    expect(status).toBe(0);
    expect(parseSvg(readFileSync(path, 'utf8')).tips.map((tip) => tip.slice(0, 20))).toEqual([
      '2025-06-17: 6.50 EUR',
      '2025-06-18: 6.50 EUR',
      '2025-06-19: 6.50 EUR',
      '2025-06-20: 6.50 EUR',
      '2025-06-21: forecast',
      '2025-06-22: forecast',
      '2025-06-23: forecast',
    ]);
  });

  test('a chart without rows is a picture that says so', async () => {
    const { stdout, stderr } = await report(['energy-trends', '--format', 'svg', '--charge-point-id', 'none']);
    expect(parseSvg(stdout).texts.at(-1)).toBe('No rows for this selection');
    expect(stderr).toMatch(/^no rows: /);
  });
});

describe('rejected', () => {
  test.each([
    [
      ['get-sessions', '--chart'],
      '--chart: get-sessions has no chart. Use --format json or csv, or a report whose help lists --chart.',
    ],
    [
      ['get-sessions', '--format', 'svg'],
      '--format svg: get-sessions has no chart. Use --format json or csv, or a report whose help lists --chart.',
    ],
    [['energy-trends', '--chart', 'pie'], '--chart: unknown chart "pie". Known: sessions, total, total-sessions.'],
    [['energy-trends', '--chart', '--json'], '--chart cannot be combined with --json. Omit one of them.'],
    [['energy-trends', '--chart', '--total'], '--chart cannot be combined with --total. Omit one of them.'],
    [
      ['energy-trends', '--format', 'svg', '--columns', 'period'],
      '--format svg cannot be combined with --columns. Omit one of them.',
    ],
    [['energy-trends', '--chart', '--size', '300x200'], '--size requires --format svg'],
    [
      ['energy-trends', '--format', 'svg', '--size', 'large'],
      'invalid value "large" for --size: expected width and height from 120 to 4000 pixels. For example: --size 1140x300.',
    ],
    [
      ['energy-trends', '--format', 'svg', '--size', '99999x300'],
      'invalid value "99999x300" for --size: expected width and height from 120 to 4000 pixels. For example: --size 1140x300.',
    ],
    [
      ['energy-trends', '--chart', '-o', 'trends.csv'],
      '-o trends.csv: a chart cannot be written as csv. Use a file name that ends in .svg or .txt, or omit --chart.',
    ],
    [
      ['peak-load', '--chart', '--granularity', 'day'],
      'the chart has several rows for (none), (none). Select one with a parameter of the report, or use another chart.',
    ],
    [['energy-trends', '--format', 'svgz'], 'invalid value "svgz" for --format'],
  ])('%j', async (args, message) => {
    const { status, stdout, stderr } = await report(args);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(`error: ${message}`);
  });

  test('other commands write no SVG', async () => {
    const path = join(folder, 'x.svg');
    const { status, stderr } = await wattduck(['sql', 'select 1 as n', '-o', path, '--db', db]);
    expect([status, stderr]).toEqual([
      2,
      `error: -o ${path}: only charts of reports can be written as SVG. Use another file extension.\n`,
    ]);
    expect(existsSync(path)).toBe(false);
  });
});

test('help lists the charts of a report', async () => {
  const help = async (name: string): Promise<string> =>
    (await wattduck(['report', name, '--help'])).stdout.replaceAll(/\s+/g, ' ');
  expect(await help('energy-trends')).toContain(
    '--chart [name] Draw a chart: the first, or by name: sessions, total, total-sessions; with --format svg, or a file that ends in .svg, as SVG',
  );
  expect(await help('energy-by-project')).toContain(
    '--chart Draw a chart; with --format svg, or a file that ends in .svg, as SVG',
  );
  expect(await help('energy-by-project')).toContain('wattduck report energy-by-project --chart');
  expect(await help('get-sessions')).not.toContain('--chart');
});
