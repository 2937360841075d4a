import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Catalog } from '../catalog/catalog.ts';
import { previewFile, type IngestOptions } from '../ingest/ingest-file.ts';
import type { FileSummary } from '../ingest/result.ts';
import { identifier, type DuckDb } from '../warehouse/duckdb.ts';
import type { Row } from '../warehouse/values.ts';

/** What an import with the proposed mapping would do. */
export interface Preview {
  summary: FileSummary;
  /** Rows that would be imported. */
  valid: number;
  /** Rows that have the ID of another row, and do not differ in what keeps rows apart. */
  collisions: number;
  /** Rows that have the ID of another row and are kept apart. */
  separated: number;
  /** The first IDs that repeat, with their number of rows. */
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
      const apart = (plan.mapping?.separateBy ?? []).map(identifier);
      const { shared, same } = await duckdb.row(
        `select count(*) - count(distinct ${key}) as shared, count(*) - count(distinct hash(${[key, ...apart].join(', ')})) as same from staged`,
      );
      const collisions = plan.mapping?.duplicates === 'keep' ? 0 : Number(same);
      const repeated = await duckdb.rows(
        `select ${key} as id, count(*) as n from staged group by ${key} having count(*) > 1 order by n desc, id limit 3`,
      );
      return {
        summary,
        valid: good,
        collisions,
        separated: Number(shared) - collisions,
        repeated: repeated.map(({ id, n: rows }) => `${String(id)} (${Number(rows)} rows)`),
      };
    },
  );
  const rows = await importSamples(duckdb, catalog, sampleRows, mappingPath, join(scratch, 'samples.ndjson'), options);
  return { ...preview!, samples: rows.map((after, place) => ({ before: sampleRows[place]!, after })) };
}

/** The imported values of a few rows; none if one of them is rejected or skipped. */
async function importSamples(
  duckdb: DuckDb,
  catalog: Catalog,
  rows: readonly Record<string, string>[],
  mapping: string,
  path: string,
  { stdin, defaultTimeZone }: IngestOptions,
): Promise<Row[]> {
  await writeFile(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  try {
    const [after] = await previewFile(duckdb, catalog, path, { stdin, defaultTimeZone, mapping }, (_, __, { good }) =>
      good === rows.length ? duckdb.rows('select * from staged') : Promise.resolve([]),
    );
    return after ?? [];
  } catch {
    // Samples only illustrate; the import of the whole file reports every error.
    return [];
  }
}
