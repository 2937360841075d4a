import { join } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import type { Catalog } from '../catalog/catalog.ts';
import { WattduckError } from '../errors/wattduck-error.ts';
import { literal, type DuckDb } from '../warehouse/duckdb.ts';
import type { Row } from '../warehouse/values.ts';
import { detectFormat } from './detect-format.ts';
import { importRows, type IngestOptions, type RetryHooks } from './ingest-file.ts';
import { textBindings } from './ingest-log.ts';
import { openInput, scratchFolder, type Input } from './input.ts';
import type { Layout } from './layout.ts';
import { readPlanFor, type FileReadPlan } from './read-plan.ts';
import { isReshaped, reshapedFields } from './reshape-table.ts';
import type { IngestResult } from './result.ts';
import type { ValueFormats } from './text-rows.ts';

/** Which rejected rows to retry: those of a source or file, or those in a corrected export. */
export interface RetryOptions extends IngestOptions {
  file?: string;
  /** Path of a CSV from `quarantine export` with corrected `raw` values. */
  corrected?: string;
}

/** How a file was read, as stored in the ingest log. */
interface StoredReadPlan {
  names: string[];
  delimiter: string;
  forms: ValueFormats;
}

/**
 * Retries rejected rows, with one transaction per file. Valid rows go into their table; the others stay in the quarantine with the
 * line of their original file.
 * @returns results per file, and the number of rows in a corrected export that are no longer in the quarantine
 */
export async function retryQuarantined(
  duckdb: DuckDb,
  catalog: Catalog,
  options: RetryOptions,
): Promise<{ results: IngestResult[]; missing: number }> {
  const input =
    options.corrected === undefined
      ? undefined
      : await openInput(options.corrected, { ...options, signal: duckdb.abortSignal }, duckdb.workDir);
  try {
    const missing = await selectRows(duckdb, options, input);
    const groups = await duckdb.rows(
      `select distinct q.ingest_id, q.source, q.file, i.format, i.mapping, i.reading::varchar as reading
       from chosen c join quarantine q using (quarantine_id) left join ingests i using (ingest_id) order by ingest_id, source`,
    );
    if (groups.length === 0) throw new WattduckError('no_rejected_rows_match');
    const results: IngestResult[] = [];
    for (const group of groups) results.push(await retryGroup(duckdb, catalog, group, options));
    return { results, missing };
  } finally {
    await input?.dispose();
  }
}

/** Fills the temporary table `chosen` with the rows to retry and their current text. Returns how many rows no longer exist. */
async function selectRows(
  duckdb: DuckDb,
  { source, file, corrected }: RetryOptions,
  input: Input | undefined,
): Promise<number> {
  const correctedSql = input
    ? `select try_cast(quarantine_id as bigint) as quarantine_id, raw from read_csv(${literal(input.path)}, header = true, all_varchar = true, delim = ',', quote = '"', escape = '"', compression = '${input.compression}', hive_partitioning = false)`
    : 'select quarantine_id, raw from quarantine';
  await duckdb.run(`create or replace temp table corrected_rows as ${correctedSql}`).catch((error: unknown) => {
    if (!/Binder Error|Invalid Input/.test(String(error))) throw error;
    throw new WattduckError('not_a_quarantine_export', { file: corrected }, error);
  });
  const filters = textBindings({
    ...(source === undefined ? {} : { source }),
    ...(file === undefined ? {} : { file }),
  });
  const conditions = Object.keys(filters.values).map((name) => ` and q.${name} = $${name}`);
  await duckdb.run(
    `create or replace temp table chosen as select q.quarantine_id, c.raw from quarantine q join corrected_rows c using (quarantine_id) where c.raw is not null${conditions.join('')}`,
    filters,
  );
  return duckdb.countRows(
    'select 1 from corrected_rows where quarantine_id not in (select quarantine_id from quarantine)',
  );
}

async function retryGroup(duckdb: DuckDb, catalog: Catalog, group: Row, options: RetryOptions): Promise<IngestResult> {
  const file = String(group['file']);
  if (group['reading'] === null) throw new WattduckError('ingest_too_old_to_retry', { file });
  const stored = JSON.parse(String(group['reading'])) as StoredReadPlan;
  const scratch = scratchFolder(duckdb.workDir);
  try {
    const format = group['format'] === 'csv' ? 'csv' : 'ndjson';
    const path = join(await scratch.folder(), 'rows');
    await writeRows(
      duckdb,
      path,
      format === 'csv' ? stringify([stored.names], { delimiter: stored.delimiter }).trimEnd() : undefined,
      Number(group['ingest_id']),
    );
    const layout: Layout = {
      format,
      names: stored.names,
      lists: new Map(),
      delimiter: stored.delimiter,
      path,
      compression: 'uncompressed',
    };
    const rereadOf = await rereadPlan(catalog, layout, file, group, stored, options);
    const plan = await withSameMark(duckdb, rereadOf, file, group, stored);
    const input = await openInput(path, { stdin: options.stdin, signal: duckdb.abortSignal }, duckdb.workDir);
    try {
      return (await importRows(
        duckdb,
        catalog,
        { ...input, name: file },
        plan,
        { ...options, force: true },
        replaceChosen(duckdb, Number(group['ingest_id'])),
      )) as IngestResult;
    } finally {
      await input.dispose();
    }
  } finally {
    await scratch.dispose();
  }
}

async function rereadPlan(
  catalog: Catalog,
  layout: Layout,
  file: string,
  group: Row,
  stored: StoredReadPlan,
  options: RetryOptions,
): Promise<FileReadPlan> {
  const name = options.mapping ?? (group['mapping'] === null ? undefined : String(group['mapping']));
  const mapping = name === undefined ? undefined : await catalog.mapping(name);
  const detectOptions = mapping
    ? // Rejected cells are stored with the fields of the select, not as a table.
      { format: isReshaped(mapping) ? { ...mapping, detectBy: reshapedFields(mapping) } : mapping }
    : { source: String(group['source']) };
  const [detected] = detectFormat(await catalog.sources(), [], layout, file, detectOptions);
  return readPlanFor({ ...detected!, steps: [] }, layout, { ...stored.forms, ...options });
}

/**
 * The plan with the decimal mark that other rows of the file were imported with: it is not inferred from the rejected rows alone.
 * @throws WattduckError if the user asks for another mark
 */
async function withSameMark(
  duckdb: DuckDb,
  plan: FileReadPlan,
  file: string,
  group: Row,
  stored: StoredReadPlan,
): Promise<FileReadPlan> {
  const isImported = await duckdb.hasRows(
    `from ingests where ingest_id = ${Number(group['ingest_id'])} and rows_read > rows_quarantined`,
  );
  if (!isImported) return plan;
  const [used, mark] = [stored.forms.decimalMark ?? '.', plan.forms.decimalMark ?? '.'];
  const name = (each: string): string => `a decimal ${each === ',' ? 'comma' : 'point'}`;
  if (mark !== used) throw new WattduckError('retry_with_other_mark', { file, used: name(used), new: name(mark) });
  return { ...plan, keepDecimalMark: true };
}

/** Writes the chosen rows of one ingest to a file with its header; the temporary table `places` has the first line of each row. */
async function writeRows(duckdb: DuckDb, path: string, header: string | undefined, ingest: number): Promise<void> {
  const firstLine = header === undefined ? 1 : 1 + header.split('\n').length;
  await duckdb.run(
    `create or replace temp table places as
     select quarantine_id, q.line, c.raw,
       ${firstLine} + coalesce(sum(1 + length(c.raw) - length(replace(c.raw, chr(10), ''))) over (order by quarantine_id rows between unbounded preceding and 1 preceding), 0) as place
     from chosen c join quarantine q using (quarantine_id) where ingest_id = ${ingest}`,
  );
  const headerSql = header === undefined ? '' : `select 0 as place, ${literal(header)} as raw union all`;
  await duckdb.run(
    `copy (select raw from (${headerSql} select place, raw from places) order by place) to ${literal(path)} (format csv, header false, delimiter '\\0', quote '', escape '')`,
  );
}

/** Deletes the chosen rows from the quarantine; rows that fail again return with the line of their original file. */
const replaceChosen = (duckdb: DuckDb, ingest: number): RetryHooks => ({
  afterStaging: () => duckdb.run('update bad_rows set line = p.line from places p where p.place = bad_rows.line'),
  inTransaction: () =>
    duckdb.run(
      `delete from quarantine where ingest_id = ${ingest} and quarantine_id in (select quarantine_id from places)`,
    ),
});
