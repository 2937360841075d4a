import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openForWriting } from '../../src/warehouse/database.ts';
import { scratch } from '../support/cli.ts';
import { openEngine } from '../support/duckdb.ts';
import { ingestSource } from '../support/ingest.ts';

const folder = scratch();
const session = (id: string): string => JSON.stringify({ session_id: id, station_id: 'S', start_time: '2024-01-01' });

// DuckDB's JSON reader fails on some of these truncated lines, even with ignore_errors.
const torn = ['[', ']', '{', '[1', '{"session_id":', '"abc', '{}{}'];

test.each([
  ['an empty table', true],
  ['a table with rows', false],
])('a truncated line is rejected, whatever follows it; into %s', async (_, empties) => {
  const { duckdb, catalog } = await openEngine();
  const [db, path] = [join(folder, `torn-${empties}.duckdb`), join(folder, 'torn.ndjson')];
  await openForWriting(duckdb, db, catalog);
  const ingest = (lines: readonly string[]) => {
    writeFileSync(path, lines.join('\n'));
    return ingestSource(duckdb, catalog, db, path, empties ? { replaced: new Set() } : {});
  };
  await ingest([session('first')]);
  for (const [at, a] of torn.entries()) {
    for (const b of ['', ...torn]) {
      const { read, added, quarantined } = await ingest([session(`${at}${b}`), a, ...(b === '' ? [] : [b])]);
      expect([a, b, read, added, quarantined]).toEqual(b === '' ? [a, b, 2, 1, 1] : [a, b, 3, 1, 2]);
    }
  }
});
