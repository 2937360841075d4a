import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { IngestResult } from '../../../src/ingest/result.ts';
import { wattduck } from '../../support/cli.ts';

let files = 0;

/** A database that imports files and detects their format from the header or keys. */
export function cliDatabase(folder: string) {
  const db = join(folder, `network-${(files += 1)}.duckdb`);
  const runCli = async (args: string[]): Promise<string> => {
    const { status, stdout, stderr } = await wattduck([...args, '--db', db], { env: { COLUMNS: '200' } });
    if (status !== 0) throw new Error(stderr);
    return stdout;
  };
  /** Results of files, one per source of each file. */
  const ingestFiles = async (...paths: string[]): Promise<IngestResult[]> =>
    (await runCli(['ingest', ...paths, '--force', '--json']))
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as IngestResult);
  return {
    said: runCli,
    file: ingestFiles,
    text: (content: string): Promise<IngestResult[]> => {
      const path = join(folder, `file-${(files += 1)}.txt`);
      writeFileSync(path, content);
      return ingestFiles(path);
    },
    /** Rows of a select, each value as text. */
    rows: async (sql: string): Promise<(string | null)[][]> =>
      (JSON.parse(await runCli(['sql', sql, '--format', 'json'])) as Record<string, unknown>[]).map((row) =>
        Object.values(row).map((value) =>
          value === null ? null : typeof value === 'object' ? JSON.stringify(value) : String(value),
        ),
      ),
  };
}

/** A result in short: source, mapping and counts. */
export const summarize = ({ mapping, source, read, added, updated, unchanged, quarantined }: IngestResult): string =>
  `${source} by ${mapping}: ${read} = ${added} + ${updated} + ${unchanged} + ${quarantined}`;

/** Reasons of rejected rows: count, column and reason. */
export const rejectionReasons = ({ rejected }: IngestResult): string[] =>
  rejected.map(({ rows, column, reason }) => `${rows} ${column} ${reason}`);
