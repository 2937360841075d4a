import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { wattduck } from '../support/cli.ts';
import type { Expected, Layout } from './layouts/layout.ts';

/** What became of a file that was mapped and imported. */
export interface Outcome {
  /** Columns of the table whose rows differ, and how. */
  differences: Readonly<Record<string, string>>;
  /** Everything that both commands printed, with their exit codes. */
  output: string;
}

/** Maps a file and imports it, in a folder of its own, and compares the rows with the expected ones. */
export async function importLayout(layout: Layout, folder: string): Promise<Outcome> {
  const path = join(folder, layout.file);
  const db = join(folder, `${layout.name}.duckdb`);
  const sqlDir = ['--sql-dir', join(folder, `sql-${layout.name}`)];
  mkdirSync(sqlDir[1]!);
  writeFileSync(path, layout.bytes);
  const mapped = await wattduck(['map', path, '--yes', ...layout.options, ...sqlDir]);
  const ingested = await wattduck(['ingest', path, '--db', db, ...sqlDir, ...zoneOf(layout)]);
  const output = [mapped, ingested].map((each) => `exit ${each.status}\n${each.stdout}${each.stderr}`).join('\n');
  const columns = layout.compared.map((column) => selectList[column] ?? `${column}::varchar as ${column}`);
  const read = await wattduck([
    'sql',
    `select ${columns.join(', ')} from ${layout.source}`,
    '--db',
    db,
    '--json',
    '--tz',
    'UTC',
  ]);
  const rows = read.status === 0 ? (JSON.parse(read.stdout) as Expected[]) : [];
  for (const file of [path, db]) rmSync(file, { force: true });
  return { differences: compare(layout, rows), output: read.status === 0 ? output : `${output}\n${read.stderr}` };
}

/** A known layout has no mapping of its own that knows the zone. */
const zoneOf = ({ options }: Layout): readonly string[] =>
  options.includes('--tz') ? options.slice(options.indexOf('--tz'), options.indexOf('--tz') + 2) : [];

const numberColumns = new Set([
  'energy_kwh',
  'amount_paid',
  'meter_start',
  'meter_stop',
  'start_soc',
  'stop_soc',
  'price',
  'quantity',
  'power_kw',
  'price_per_kwh',
  'price_per_minute',
  'price_flat',
]);

const selectList: Readonly<Record<string, string>> = Object.fromEntries(
  [...numberColumns].map((column) => [column, `${column}::double as ${column}`]),
);

/** A value as text, with numbers rounded to six decimals. */
const comparable = (value: string | number | null | undefined): string =>
  value === null || value === undefined ? '' : typeof value === 'number' ? String(Number(value.toFixed(6))) : value;

function compare({ compared, expected }: Layout, rows: readonly Expected[]): Record<string, string> {
  if (rows.length !== expected.length) return { rows: `${rows.length} instead of ${expected.length}` };
  const sorted = (all: readonly Expected[]): string[][] =>
    all.map((row) => compared.map((column) => comparable(row[column]))).toSorted(byTimeThenAll(compared));
  const [actual, wanted] = [sorted(rows), sorted(expected)];
  const differences: Record<string, string> = {};
  for (const [place, column] of compared.entries())
    for (const [at, row] of wanted.entries())
      if (actual[at]![place] !== row[place])
        differences[column] ??= `${actual[at]![place] || 'null'} instead of ${row[place] || 'null'}`;
  return differences;
}

/** Sorts rows by the first of a few columns that tell them apart, whatever else differs. */
function byTimeThenAll(columns: readonly string[]): (a: string[], b: string[]) => number {
  const order = ['start_time', 'event_timestamp', 'serial_number', 'station_id', 'customer_id', 'tariff_id', 'id_tag'];
  const places = [...order.map((column) => columns.indexOf(column)).filter((place) => place >= 0), ...columns.keys()];
  return (a, b) => {
    for (const place of places) {
      const [left, right] = [a[place]!, b[place]!];
      if (left !== right) return left < right ? -1 : 1;
    }
    return 0;
  };
}
