import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Catalog } from '../../src/catalog/catalog.ts';
import type { Report } from '../../src/catalog/definitions.ts';
import { toDocument } from '../../src/reports/document.ts';
import { runReport, type Answer } from '../../src/reports/run-report.ts';
import { openForReading, openForWriting } from '../../src/warehouse/database.ts';
import { DuckDb } from '../../src/warehouse/duckdb.ts';
import { scratch } from './cli.ts';
import { openEngine } from './duckdb.ts';
import { importFiles } from './import-files.ts';

/** A worked case of a report. */
export interface Case {
  /** How the expected answer was found. */
  why: string;
  /** Folder of data/ to import; `dozen` by default. */
  data?: string;
  given: Record<string, string>;
  rows?: Record<string, unknown>[];
  total?: number;
  /** The complete JSON document. */
  document?: unknown;
  error?: string;
  /** Notes for people. */
  notes?: string[];
  /** Columns that depend on the time of the test. */
  leaveOut?: string[];
}

const folder = 'test/reports';
const data = join(folder, 'data');

/** Names of the folders of data/. */
export const dataSets = readdirSync(data);

/** Clock and labels of every case. */
export const context = {
  now: new Date('2026-01-01T00:00:00Z'),
  label: (name: string) => name,
  defaultTimeZone: 'UTC',
};

/** Opens each data set of the cases. @param prepare makes what is opened of a database */
export async function openSets(
  prepare: (db: string) => Promise<string> = async (db) => db,
): Promise<Map<string, DuckDb>> {
  const databases = scratch();
  const opened = new Map<string, DuckDb>();
  for (const set of dataSets) {
    const db = join(databases, `${set}.duckdb`);
    await createSet(set, db);
    const { duckdb, catalog } = await openEngine();
    await openForReading(duckdb, await prepare(db), catalog);
    opened.set(set, duckdb);
  }
  return opened;
}

/** Creates a database with all files of a folder of data/: CSV and NDJSON are imported, SQL is run. */
export async function createSet(set: string, db: string): Promise<void> {
  const paths = readdirSync(join(data, set)).map((file) => join(data, set, file));
  const files = paths.filter((path) => !path.endsWith('.sql'));
  if (files.length > 0) await importFiles(files, db);
  for (const path of paths) if (!files.includes(path)) await write(db, readFileSync(path, 'utf8'));
}

/** Writes rows of system tables that cannot come from files. */
async function write(db: string, sql: string): Promise<void> {
  const duckdb = await DuckDb.open();
  await openForWriting(duckdb, db, await Catalog.open(duckdb));
  await duckdb.run(sql);
  await duckdb.close();
}

/** Rounds to ten digits, because the last bits of a sum depend on the order of its terms. */
const rounded = (value: unknown): unknown => {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : Number(value.toPrecision(10));
  if (Array.isArray(value)) return value.map(rounded);
  return typeof value === 'object' && value !== null
    ? Object.fromEntries(Object.entries(value).map(([key, each]) => [key, rounded(each)]))
    : value;
};

/** Columns and rounded values of a row. */
export const plain = (row: Record<string, unknown>, leaveOut: string[] = []): [string, unknown][] =>
  Object.entries(row)
    .filter(([name]) => !leaveOut.includes(name))
    .map(([name, value]) => [name, rounded(value)]);

/** A document without its time zone, which every document of a report with dates has. */
function withoutZone({ tz, ...document }: Record<string, unknown>, requested = 'UTC'): unknown {
  if (tz !== undefined) expect(tz).toBe(requested);
  return document;
}

/** Checks the answer to a case. */
async function expectCase(run: Promise<Answer>, expected: Case): Promise<void> {
  if (expected.error !== undefined) {
    await expect(run).rejects.toThrow(expected.error);
    return;
  }
  const answer = await run;
  expect('rows' in expected || 'document' in expected, 'a case needs rows or a document').toBe(true);
  if (expected.rows) {
    expect(answer.rows.map((row) => plain(row, expected.leaveOut))).toEqual(expected.rows.map((row) => plain(row)));
    expect(answer.total).toBe(expected.total);
  }
  if (expected.notes) expect(answer.notes).toEqual(expected.notes);
  // Compared as text, because the order of keys matters.
  if ('document' in expected)
    expect(JSON.stringify(rounded(withoutZone(toDocument(answer), expected.given['tz'])), null, 1)).toBe(
      JSON.stringify(expected.document, null, 1),
    );
}

/** Names of the files with the cases of a report; none if it has no folder. */
export const caseFiles = ({ name }: Report): string[] =>
  existsSync(join(folder, name)) ? readdirSync(join(folder, name)) : [];

/** The case of a file. */
export const readCase = ({ name }: Report, file: string): Case =>
  JSON.parse(readFileSync(join(folder, name, file), 'utf8')) as Case;

/** Data set of a case. */
export const dataOf = ({ data: set }: Case): string => set ?? 'dozen';

/** Tests one case of a report. @param opened the data sets, filled before the test runs */
export function testCase(report: Report, file: string, opened: ReadonlyMap<string, DuckDb>): void {
  const expected = readCase(report, file);
  test(`${file.replace('.json', '')}: ${expected.why}`, () =>
    expectCase(runReport(opened.get(dataOf(expected))!, report, expected.given, context), expected));
}
