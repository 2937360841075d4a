import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Catalog } from '../catalog/catalog.ts';
import { previewFile, type IngestOptions } from '../ingest/ingest-file.ts';
import type { FileSummary } from '../ingest/result.ts';
import { identifier, type DuckDb } from '../warehouse/duckdb.ts';
import type { Row } from '../warehouse/values.ts';
import { rowsTable } from './column-facts.ts';

/** What an import with the proposed mapping would do. */
export interface Preview {
  summary: FileSummary;
  /** Rows that would be imported, and how many of them have the ID of another row. */
  valid: number;
  collisions: number;
  /** Lines of rows whose ID repeats, by ID: the first few. */
  repeated: string[];
  /** Rows of the file and their imported values, side by side. */
  samples: { before: Record<string, string>; after: Row }[];
}

/** Imports a file with a mapping up to the point of storing it, by the code that `ingest` uses. */
export async function previewMapping(
  duckdb: DuckDb,
  catalog: Catalog,
  path: string,
  mappingPath: string,
  scratch: string,
  sampleRows: readonly Record<string, string>[],
  options: IngestOptions,
): Promise<Preview> {
  const [preview] = await previewFile(
    duckdb,
    catalog,
    path,
    { ...options, mapping: mappingPath },
    async (summary, plan, { good }) => {
      const key = identifier(plan.source.key[0]!);
      const [{ n } = { n: 0 }] = await duckdb.rows(`select count(*) - count(distinct ${key}) as n from staged`);
      const repeated = await duckdb.rows(
        `select ${key} as id, count(*) as n from staged group by ${key} having count(*) > 1 order by n desc, id limit 3`,
      );
      return {
        summary,
        valid: good,
        collisions: Number(n),
        repeated: repeated.map(({ id, n: rows }) => `${String(id)} (${Number(rows)} rows)`),
      };
    },
  );
  const samples: Preview['samples'] = [];
  for (const [place, before] of sampleRows.entries()) {
    const after = await importSample(
      duckdb,
      catalog,
      before,
      mappingPath,
      join(scratch, `sample-${place}.ndjson`),
      options,
    );
    if (after) samples.push({ before, after });
  }
  return { ...preview!, samples };
}

/** The imported values of one row; undefined if it is rejected or skipped. */
async function importSample(
  duckdb: DuckDb,
  catalog: Catalog,
  row: Record<string, string>,
  mapping: string,
  path: string,
  { stdin, defaultTimeZone }: IngestOptions,
): Promise<Row | undefined> {
  await writeFile(path, `${JSON.stringify(row)}\n`);
  try {
    const [after] = await previewFile(
      duckdb,
      catalog,
      path,
      { stdin, defaultTimeZone, mapping },
      async (_, __, { good }) => (good === 1 ? (await duckdb.rows('select * from staged'))[0] : undefined),
    );
    return after;
  } catch {
    // A sample only illustrates; the import of the whole file reports every error.
    return undefined;
  }
}

/** Rows among which samples are looked for. */
const sampledRows = 200;

/** Three rows of the file with most of their fields filled, for which `map_rows` must exist. */
export async function readSampleRows(
  duckdb: DuckDb,
  fields: readonly { name: string; column: string }[],
): Promise<Record<string, string>[]> {
  const filled = fields.map(({ column }) => `(${identifier(column)} is not null)::integer`).join(' + ');
  const rows = await duckdb.rows(
    `select * from (select *, rowid as place from ${rowsTable} limit ${sampledRows}) order by ${filled} desc, place limit 3`,
  );
  return rows.map((row) =>
    Object.fromEntries(
      fields.flatMap(({ name, column }) => (row[column] === null ? [] : [[name, String(row[column])] as const])),
    ),
  );
}
