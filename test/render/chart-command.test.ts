import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { beforeAll, expect, test, vi } from 'vitest';
import type { RawParameters, Report } from '../../src/catalog/definitions.ts';
import { printChart } from '../../src/commands/chart.ts';
import { withContext, type CommandContext } from '../../src/commands/context.ts';
import type { Io, OutputStream } from '../../src/io.ts';
import { scratch, wattduck } from '../support/cli.ts';
import { writeReports } from '../support/report-files.ts';

const folder = scratch();
const db = join(folder, 'daily.duckdb');

/** Daily energy: actual before 2025-03-05, forecast from then on. */
const sqlDir = writeReports({
  energy_days: {
    frontMatter: [
      'params:',
      '  history: { description: Days of history, default: 0, min: 0, max: 100 }',
      '  horizons: { description: Days to come, default: "1,2" }',
      '  confidence: { description: Share, default: 0.9 }',
      '  charge_point_id: { description: Charge point }',
      '  by: { description: Of each, choices: [charge_point] }',
    ],
    // The first column is the sort column.
    columns: ['low', 'day', 'actual', 'forecast', 'high', 'station_id'],
    key: ['day', 'station_id'],
    sql: `select start_time::date as day, station_id,
      case when start_time < timestamp '2025-03-05 00:00:00' then energy_kwh end as actual,
      case when start_time >= timestamp '2025-03-05 00:00:00' then energy_kwh end as forecast,
      case when start_time >= timestamp '2025-03-05 00:00:00' then energy_kwh * 0.5 end as low,
      case when start_time >= timestamp '2025-03-05 00:00:00' then energy_kwh * 2 end as high
      from charging_sessions
      where ($charge_point_id::varchar is null or station_id = $charge_point_id::varchar)
        and epoch_s(start_time) >= epoch_s(timestamp '2025-03-05 00:00:00') - $history::bigint * 86400
        and ($by::varchar is null or $horizons::varchar is not null or $confidence::double is not null)`,
  },
});

const chart = { kind: 'fan', x: 'day', y: 'actual', forecast: 'forecast', low: 'low', high: 'high' } as const;

beforeAll(async () => {
  const measured = [
    ...[26, 27, 28, 29].map((day) => [`2024-11-${day}`, 10] as const),
    ['2024-12-24', 10],
    ['2024-12-25', 10],
  ] as const;
  const lately = [
    ['2025-03-01', 10],
    ['2025-03-02', 20],
    ['2025-03-03', 10],
    ['2025-03-04', 20],
    ['2025-03-05', 10],
    ['2025-03-06', 20],
  ] as const;
  const days = [
    ...[...measured, ...lately].map(([day, energy]) => ['A', day, energy] as const),
    ['B', '2025-03-06', 20] as const,
  ];
  const lines = days.map(
    ([station, day, energy], at) => `s${at},${station},${day} 10:00:00,${day} 11:00:00,${energy},completed`,
  );
  writeFileSync(
    join(folder, 'sessions.csv'),
    ['session_id,station_id,start_time,end_time,energy_kwh,status', ...lines, ''].join('\n'),
  );
  expect((await wattduck(['ingest', join(folder, 'sessions.csv'), '--db', db])).status).toBe(0);
});

interface Drawn {
  stdout: string;
  stderr: string;
}

/** Draws the days to a pipe, or to a terminal of this width. */
async function draw(
  given: RawParameters,
  options: Parameters<typeof printChart>[3] = {},
  columns?: number,
  change: (session: CommandContext, days: Report) => Report = (_, days) => days,
): Promise<Drawn> {
  const written = { stdout: '', stderr: '' };
  const out = (name: keyof Drawn): OutputStream => ({
    write: (text: string) => void (written[name] += text),
    isTTY: columns !== undefined,
    ...(columns === undefined ? {} : { columns }),
  });
  const io: Io = {
    stdin: Readable.from([]),
    stdout: out('stdout'),
    stderr: out('stderr'),
    env: {},
    cwd: folder,
    now: () => new Date('2025-03-05T00:00:00Z'),
  };
  await withContext(io, { db, sqlDir: [sqlDir] }, async (session) => {
    const days: Report = { ...(await session.catalog.report('energy_days')), charts: [chart] };
    await printChart(session, change(session, days), given, options);
  });
  return written;
}

/** 70 days of history, which fit into the 80 columns of a pipe with two forecast days; 2024-12-24 does not. */
const drawing = `energy_days
40┤               ┆   ░░░
  │               ┆   ░░░
  │               ┆   ░░░
30┤               ┆   ░░░
  │               ┆   ░░░
  │               ┆   ░░░
20┤      ╭──╮  ╭──┆░░░┏━━
  │      │  │  │  ┆░░░┃░░
  │      │  │  │  ┆░░░┃░░
10┤──────╯  ╰──╯  ┆━━━┛░░
  │               ┆░░░
  │               ┆
 0┤               ┆
  └┬──────────────┬──────
2024-12-25   2025-03-05
─ actual  ━ forecast  ░ 90 % interval  ┆ history ends
`;

test('the chart has as much history as fits, and a legend with the confidence', async () => {
  expect(await draw({ charge_point_id: 'A' })).toEqual({ stdout: drawing, stderr: '' });
});

/** Days of history in a chart, with three columns each. */
const historyIn = ({ stdout }: Drawn): number =>
  (stripVTControlCharacters(stdout.split('\n')[1]!).indexOf('┆') - '40┤'.length) / 3;

test('the chart has as much history as requested', async () => {
  expect(historyIn(await draw({ charge_point_id: 'A', history: '2' }))).toBe(2);
});

test.each<[string, string, number | undefined, number, why: string]>([
  ['twice as much', '3,36', undefined, 6, '72 days reach back to 2024-12-23'],
  ['as much as has a column for each day', '20', undefined, 4, '80 - 8 - 20 = 52 days reach back to 2025-01-12'],
  ['more on a wider screen', '20', 100, 6, '100 - 8 - 20 = 72 days'],
  ['no more than may be asked for', '300', undefined, 10, '100 days, not 600; and more rows than a page of the report'],
])('history in the chart: %s', async (_, horizons, columns, days, __) => {
  expect(historyIn(await draw({ charge_point_id: 'A', horizons }, {}, columns))).toBe(days);
});

test('a report of totals draws its daily report', async () => {
  const { stdout } = await draw({ charge_point_id: 'A' }, {}, undefined, (session, days) => {
    const known = session.catalog.report.bind(session.catalog);
    vi.spyOn(session.catalog, 'report').mockImplementation(async (name) =>
      name === 'energy_days' ? days : known(name),
    );
    return { ...days, charts: [], name: 'energy_totals', forecast: { series: days.views[0]!, daily: 'energy_days' } };
  });
  expect(stdout).toBe(drawing);
});

test('a terminal has colours, a file has none and the columns of a pipe', async () => {
  expect((await draw({ charge_point_id: 'A' }, {}, 100)).stdout).toContain('\u001b[36m─────────╯');
  const file = join(folder, 'chart.txt');
  expect(await draw({ charge_point_id: 'A' }, { output: file }, 100)).toEqual({ stdout: '', stderr: '' });
  expect(readFileSync(file, 'utf8')).toBe(drawing);
});

test('without days it prints: no rows', async () => {
  expect(await draw({ charge_point_id: 'unknown' })).toEqual({ stdout: '', stderr: 'no rows\n' });
});

test.each<[string, RawParameters, Parameters<typeof printChart>[3], string]>([
  ['json', {}, { json: true }, '--chart cannot be combined with --json. Omit one of them.'],
  ['a format', {}, { format: 'table' }, '--chart cannot be combined with --format. Omit one of them.'],
  ['columns', {}, { columns: 'day' }, '--chart cannot be combined with --columns. Omit one of them.'],
  ['what it is made of', {}, { explain: true }, '--chart cannot be combined with --explain. Omit one of them.'],
  ['pages', { limit: '5' }, {}, '--chart cannot be combined with --limit. Omit one of them.'],
  [
    'a file of another format',
    {},
    { output: 'chart.csv' },
    '-o chart.csv: a chart cannot be written as csv. Use a file name that ends in .svg or .txt, or omit --chart.',
  ],
  [
    'one for each charge point',
    { by: 'charge_point' },
    {},
    '--chart draws one series, but several match. Choose one with --charge-point-id, without --by.',
  ],
  [
    'several series all the same',
    {},
    {},
    '--chart draws one series, but several match. Choose one: see `wattduck report energy-days --help`.',
  ],
  [
    'history that is not a number',
    { history: 'much' },
    {},
    'invalid value "much" for --history: expected an integer. For example: --history 0.',
  ],
])('%s: rejected', async (_, given, options, line) => {
  await expect(draw(given, options)).rejects.toMatchObject({ kind: 'usage', fullMessage: line });
});

test('one charge point is one series', async () => {
  expect((await draw({ by: 'charge_point', charge_point_id: 'A' })).stdout).toBe(drawing);
});

test('a report without a chart is rejected by name', async () => {
  await expect(draw({}, {}, undefined, (_, days) => ({ ...days, charts: [] }))).rejects.toMatchObject({
    kind: 'usage',
    fullMessage: '--chart: energy-days has no chart. Use --format json or csv, or a report whose help lists --chart.',
  });
});
