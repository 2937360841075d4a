import { createHash } from 'node:crypto';
import { VARCHAR } from '@duckdb/node-api';
import { WattduckError } from '../errors/wattduck-error.ts';
import type { Bindings } from '../warehouse/connection.ts';
import type { DuckDb } from '../warehouse/duckdb.ts';
import { eventsTable } from '../warehouse/event-rows.ts';
import { heartbeatDays } from '../warehouse/heartbeats.ts';
import { databaseTable, ensureColumns } from '../warehouse/tables.ts';
import type { Input } from './input.ts';
import { lineBuffer } from './line-reader.ts';
import type { IngestResult } from './result.ts';
import type { ReadPlan } from './text-rows.ts';

/** SHA-256 of a file's content and of how it is read: it identifies the file in the ingest log. */
export async function fingerprint(input: Input, { source, mapping, forms, layout }: ReadPlan): Promise<string> {
  const { skip = 0, hasHeader = true, headerOptions = {} } = layout;
  // Defaults are left out, so that files imported by earlier versions are found.
  const reading = {
    ...(input.encoding === undefined ? {} : { encoding: input.encoding }),
    ...(skip > 0 ? { skip } : {}),
    ...(hasHeader ? {} : { names: layout.names }),
    ...(headerOptions.delimiter === undefined ? {} : { delimiter: headerOptions.delimiter }),
  };
  const parts = [(await input.content()).hash, source.name, mapping?.text ?? null, forms];
  return createHash('sha256')
    .update(JSON.stringify(Object.keys(reading).length > 0 ? [...parts, reading] : parts))
    .digest('hex');
}

/**
 * When the same file was imported before, read the same way, and a row of it was accepted. Hashes it only if the log has a file of
 * its size.
 */
export async function findPreviousIngest(duckdb: DuckDb, input: Input, plan: ReadPlan): Promise<string | undefined> {
  const sameFile =
    'source = $source and bytes = $bytes::bigint and replaced_at is null and (rows_read = 0 or rows_quarantined < rows_read)';
  const keyValues = { source: plan.source.name, bytes: String(input.bytes) };
  if (!(await duckdb.hasRows(`from ingests where ${sameFile}`, textBindings(keyValues)))) return undefined;
  const [row] = await duckdb.rows(
    `select min(ingested_at)::varchar as at from ingests where ${sameFile} and content_hash = $hash having count(*) > 0`,
    textBindings({ ...keyValues, hash: await fingerprint(input, plan) }),
  );
  return row && String(row['at']);
}

/** DuckDB silently drops a line longer than its buffer. */
async function assertNoLineLost(input: Input, { layout }: ReadPlan): Promise<void> {
  if (layout.path !== input.path || input.compression === 'zstd' || (await input.content()).maxLine <= lineBuffer)
    return;
  throw new WattduckError('line_too_long', { file: input.name, max: lineBuffer / 1_048_576 });
}

/** How an import is recorded. */
export interface RecordOptions {
  /** All sources the file has rows of. */
  fileSources: readonly string[];
  /** False for rows without a file: sent one by one, or retried from the quarantine. */
  isWholeFile: boolean;
}

/** Adds the result to the ingest log and `bad_rows` to the quarantine, in place of the rows rejected from the same file before. */
export async function recordIngest(
  duckdb: DuckDb,
  result: IngestResult,
  input: Input,
  plan: ReadPlan,
  { fileSources, isWholeFile }: RecordOptions,
): Promise<void> {
  const { source, file } = result;
  await assertNoLineLost(input, plan);
  const fileHash = isWholeFile ? (await input.content()).hash : '';
  if (isWholeFile) await dropEarlierRejections(duckdb, source, fileHash, fileSources);
  const counts = [
    result.read,
    result.added,
    result.updated,
    result.unchanged,
    result.superseded,
    result.quarantined,
    result.skipped,
  ].join(', ');
  const { layout, forms } = plan;
  await duckdb.run(
    `insert into ingests (ingest_id, source, file, format, rows_read, rows_new, rows_updated, rows_unchanged, rows_superseded, rows_quarantined, rows_skipped,
       ingested_at, seconds, mapping, bytes, content_hash, file_hash, reading, quarantined_up_to)
     select coalesce(max(ingest_id), 0) + 1, $source, $file, $format, ${counts}, timezone('UTC', now()), ${result.seconds},
       nullif($mapping, ''), ${input.bytes}, $hash, nullif($file_hash, ''), $reading::json, coalesce(max(quarantined_up_to), 0) + ${result.quarantined} from ingests`,
    textBindings({
      source,
      file,
      format: layout.format,
      mapping: plan.mapping?.name ?? '',
      hash: await fingerprint(input, plan),
      file_hash: fileHash,
      reading: JSON.stringify({ names: layout.names, delimiter: layout.delimiter, steps: result.steps, forms }),
    }),
  );
  // The rows and the hash come from two reads of the file.
  await input.assertUnchanged();
  if (result.quarantined > 0) await quarantineRows(duckdb, source, file);
}

/**
 * Deletes the rows rejected when the same file was read in another way: this import accounts for each of them.
 * Rows of another source stay if the file still has rows of it, or had valid ones.
 */
const dropEarlierRejections = (
  duckdb: DuckDb,
  source: string,
  fileHash: string,
  fileSources: readonly string[],
): Promise<void> =>
  duckdb.run(
    `delete from quarantine where ingest_id in (
       select ingest_id from ingests where file_hash = $file_hash
         and (source = $source or (not list_contains(from_json($sources, '["VARCHAR"]'), source) and rows_new + rows_updated + rows_unchanged + rows_superseded = 0)))`,
    textBindings({ source, file_hash: fileHash, sources: JSON.stringify(fileSources) }),
  );

async function quarantineRows(duckdb: DuckDb, source: string, file: string): Promise<void> {
  const bindings = textBindings({ source, file });
  await duckdb.run(
    `delete from quarantine where source = $source and file = $file
       and exists (select 1 from bad_rows b where b.line is not distinct from quarantine.line and b.raw is not distinct from quarantine.raw)`,
    bindings,
  );
  await duckdb.run(
    `insert into quarantine (ingest_id, source, file, line, column_name, value, reason, raw, quarantined_at, quarantine_id)
     select (select max(ingest_id) from ingests), $source, $file, line, column_name, value, reason, raw, timezone('UTC', now()),
       (select max(quarantined_up_to) - max_by(rows_quarantined, ingest_id) from ingests) + row_number() over (order by line)
     from bad_rows order by line`,
    bindings,
  );
}

/**
 * Deletes all rows of a source before a file replaces them, and marks its past ingests as replaced.
 * @param columnNames columns of the new rows
 */
export async function clearSource(duckdb: DuckDb, source: string, columnNames: readonly string[] = []): Promise<void> {
  const bindings = textBindings({ source });
  // DuckDB cannot add columns to a table once rows were deleted in the same transaction.
  await ensureColumns(duckdb, source, columnNames);
  await duckdb.run(`delete from ${databaseTable(source)}`);
  if (source === eventsTable)
    for (const table of [heartbeatDays, 'pruned_sessions']) await duckdb.run(`delete from ${databaseTable(table)}`);
  await duckdb.run('delete from quarantine where source = $source', bindings);
  await duckdb.run(
    "update ingests set replaced_at = timezone('UTC', now()) where source = $source and replaced_at is null",
    bindings,
  );
}

/** Bindings of named text parameters. */
export const textBindings = (values: Record<string, string>): Bindings => ({
  values,
  types: Object.fromEntries(Object.keys(values).map((name) => [name, VARCHAR])),
});
