import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Catalog } from '../../src/catalog/catalog.ts';
import { parseSqlFile } from '../../src/catalog/front-matter.ts';
import { checkPortability } from '../../src/catalog/portability.ts';
import type { WattduckError } from '../../src/errors/wattduck-error.ts';
import { DuckDb } from '../../src/warehouse/duckdb.ts';

/** Front matter on lines 2 to 12 of the file; `---*\/` is on line 13, and the statement begins on line 14. */
export const frontMatter = [
  'title: Sessions by station',
  'description: How many sessions each station had.',
  'params:',
  '  least: { description: At least as many, default: 1, min: 0 }',
  'columns:',
  '  station_id: { description: Station }',
  '  sessions: { description: Sessions, unit: count }',
  'key: [station_id]',
  'sort: { default: -sessions, allow: [sessions, station_id] }',
  'page: { kind: limit, default: 10, max: 100 }',
  'answer: { shape: tinybird }',
];

export const statement = [
  'select station_id, count(*) as sessions',
  'from charging_sessions',
  'group by station_id',
  'having count(*) >= $least::bigint',
].join('\n');

/** Text of a report file. */
export const reportFile = (lines: readonly string[] = frontMatter, sql: string = statement): string =>
  ['/*---', ...lines, '---*/', sql, ''].join('\n');

/** The front matter with `from` replaced in each line. */
export const frontMatterWith = (from: string, to: string): string[] =>
  frontMatter.map((line) => line.replace(from, to));

export const frontMatterWithout = (start: string): string[] => frontMatter.filter((line) => !line.startsWith(start));

/** Writes files into a folder: `{ 'reports/mine/x.sql': text }`. */
export function writeFiles(folder: string, files: Record<string, string>): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

/** One catalog for all files that create no tables or macros. */
let shared: Promise<Catalog> | undefined;

/** Adds a new folder with these files to the catalog; returns the error without the folder's path, or `none`. */
export async function catalogError(files: string | Record<string, string>): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'wattduck-own-'));
  const written = typeof files === 'string' ? { 'reports/mine/probe.sql': files } : files;
  const makes = Object.keys(written).some((path) => !/^(views|rules|mappings|reports|actions|pages)\//.test(path));
  const duckdb = makes ? await DuckDb.open() : undefined;
  shared ??= duckdb ? undefined : DuckDb.open().then((opened) => Catalog.open(opened));
  try {
    writeFiles(folder, written);
    if (duckdb) await Catalog.open(duckdb, [folder]);
    else await (await shared!).add([folder]);
    return 'none';
  } catch (error) {
    return ((error as WattduckError).fullMessage ?? `not an expected error: ${String(error)}`).replaceAll(
      `${folder}/`,
      '',
    );
  } finally {
    await duckdb?.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Error of the portability check of one statement, with line numbers from 1, or `none`. */
export async function portabilityError(duckdb: DuckDb, sql: string): Promise<string> {
  try {
    await checkPortability(parseSqlFile('x', `/*---\ntitle: x\n---*/${sql}`), duckdb);
    return 'none';
  } catch (error) {
    return (error as WattduckError).fullMessage.replace(/^x:(\d+)/, (_, line: string) => String(Number(line) - 2));
  }
}
