import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { IngestResult } from '../../../src/ingest/result.ts';
import { wattduck } from '../../support/cli.ts';

let files = 0;

/** A database file of its own that takes files in as they come, told by their header or keys alone. */
export function cliDatabase(folder: string) {
  const db = join(folder, `network-${(files += 1)}.duckdb`);
  const runCli = async (args: string[]): Promise<string> => {
    const { status, stdout, stderr } = await wattduck([...args, '--db', db], { env: { COLUMNS: '200' } });
    if (status !== 0) throw new Error(stderr);
    return stdout;
  };
  /** The accounts of files, one for each source a file tells of. */
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

/** An account in short: by which mapping, into what, and how many of each. */
export const summarize = ({ mapping, source, read, added, updated, unchanged, quarantined }: IngestResult): string =>
  `${source} by ${mapping}: ${read} = ${added} + ${updated} + ${unchanged} + ${quarantined}`;

/** What was said of bad rows: how many, the column at fault and why. */
export const rejectionReasons = ({ rejected }: IngestResult): string[] =>
  rejected.map(({ rows, column, reason }) => `${rows} ${column} ${reason}`);
