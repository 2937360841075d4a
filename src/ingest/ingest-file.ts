import type { Catalog } from '../catalog/catalog.ts';
import type { Source } from '../catalog/definitions.ts';
import { WattduckError } from '../errors/wattduck-error.ts';
import { formatCount, pluralize } from '../text/format-number.ts';
import { duckdbError } from '../warehouse/duckdb-errors.ts';
import { identifier, type DuckDb } from '../warehouse/duckdb.ts';
import { eventsTable } from '../warehouse/event-rows.ts';
import { isPlainHeartbeat } from '../warehouse/heartbeats.ts';
import { databaseTable, selectStored, tableRows } from '../warehouse/tables.ts';
import { notUtf8Reason, resetScratchTables } from './bad-rows.ts';
import { columnConflicts } from './column-conflicts.ts';
import { Corrections } from './corrections.ts';
import { loadDirectly, NeedsStaging, withoutInsertionOrder } from './direct-load.ts';
import { clearSource, findPreviousIngest, recordIngest, type RecordOptions } from './ingest-log.ts';
import { withMappingErrors } from './mapping-errors.ts';
import { openInput, type Input, type OpenOptions } from './input.ts';
import { mixedLineEnds } from './line-reader.ts';
import { LogSessions } from './log-sessions.ts';
import { readPlans, withAllKeys, type FileReadPlan, type ReadOptions } from './read-plan.ts';
import { repairedCopy } from './repair-csv.ts';
import type { FileSummary, IngestOutcome, IngestResult } from './result.ts';
import { describeIssue, nullValueCounts, rejectionIssues, warningIssues, type RowIssue } from './row-issues.ts';
import { separateRows } from './separate-rows.ts';
import { hasTotalsRows, removeSkippedRows } from './skipped-rows.ts';
import { countRecordLines } from './stage-json.ts';
import { stageRows, type StageResult } from './stage.ts';
import { hasDefaultKeys, writtenColumns, type ReadPlan, type ValueFormats } from './text-rows.ts';
import { swappedDateIssues } from './swapped-dates.ts';
import { upsert } from './upsert.ts';
import { inferFormats, needsFormats } from './value-formats.ts';
import { valueNotes } from './value-notes.ts';

/** How to read a file, and when to reject it as a whole. */
export interface IngestOptions extends ReadOptions, OpenOptions {
  /** Max number of rejected rows; with more, nothing of the file is imported. */
  maxErrors?: number;
  /** Import a file even if it was already imported. */
  force?: boolean;
  /** Sources already emptied in this run; set under --replace. */
  replaced?: Set<string>;
  /** Receives each stage of an import as it begins. */
  onStage?: (stage: IngestStage) => void;
}

/** What an import does: read the file, check its rows, update the table. */
export type IngestStage = 'reading' | 'checking' | 'updating';

/**
 * Imports one file, with one transaction per source: valid rows into the source's table, rejected rows into the quarantine, and
 * the result into the ingest log.
 * @param path a file, or `-` for standard input
 * @throws WattduckError if the file as a whole is invalid; nothing of it is imported then
 */
export const ingestFile = (
  duckdb: DuckDb,
  catalog: Catalog,
  databasePath: string,
  path: string,
  options: IngestOptions,
): Promise<IngestOutcome[]> =>
  forEachPlan(duckdb, catalog, path, options, databasePath, (input, plan) =>
    importRows(duckdb, catalog, input, plan, options),
  );

/** Stages a file without importing it, and passes the staged rows and their summary to `preview`. */
export const previewFile = <T>(
  duckdb: DuckDb,
  catalog: Catalog,
  path: string,
  options: IngestOptions,
  preview: (summary: FileSummary, plan: ReadPlan, stageResult: StageResult) => Promise<T>,
): Promise<T[]> =>
  forEachPlan(duckdb, catalog, path, options, path, async (input, plan) => {
    const { summary, stageResult, usedPlan } = await withAllKeys(duckdb, input, plan, (each) =>
      stageFile(duckdb, input, each),
    );
    return preview(summary, usedPlan, stageResult);
  });

/**
 * Opens a file and runs `work` once per source it has rows of.
 * @param pathInErrors the path that errors of the system name, such as a full disk
 */
async function forEachPlan<T>(
  duckdb: DuckDb,
  catalog: Catalog,
  path: string,
  options: IngestOptions,
  pathInErrors: string,
  work: (input: Input, plan: FileReadPlan) => Promise<T>,
): Promise<T[]> {
  const input = await openInput(path, { ...options, signal: duckdb.abortSignal }, duckdb.workDir);
  const workOn = async (file: Input): Promise<T[]> => {
    const results: T[] = [];
    for (const plan of await readPlans(duckdb, catalog, file, options))
      results.push(await withMappingErrors(file.name, plan, () => work(file, plan)));
    return results;
  };
  try {
    return await workOn(input).catch((error: unknown) => {
      if (error instanceof OtherEncoding) return workOn(error.input);
      throw error;
    });
  } catch (error) {
    const ingestError = duckdbError(duckdb.abortSignal.aborted ? duckdb.abortSignal.reason : error, pathInErrors);
    // If the file changed, that is the cause, whatever DuckDB reports.
    if (!(ingestError instanceof WattduckError && ingestError.kind === 'interrupted')) await input.assertUnchanged();
    throw ingestError;
  } finally {
    await input.dispose();
  }
}

/** Thrown if a file is found to be in another encoding after rows were rejected; `input` reads it. */
class OtherEncoding extends Error {
  readonly input: Input;

  constructor(input: Input) {
    super('file is in another encoding');
    this.input = input;
  }
}

/** Extra steps of an import that retries rejected rows. */
export interface RetryHooks {
  /** Runs once `bad_rows` is filled. */
  afterStaging(): Promise<void>;
  /** Runs first in the transaction. */
  inTransaction(): Promise<void>;
}

/** Imports the rows of one plan in one transaction; skips a file that was already imported with the same plan. */
export const importRows = (
  duckdb: DuckDb,
  catalog: Catalog,
  input: Input,
  plan: FileReadPlan,
  options: IngestOptions,
  hooks?: RetryHooks,
): Promise<IngestOutcome> =>
  duckdb.withWriteLock(() =>
    withAllKeys(duckdb, input, { ...plan, mayHaveNul: hasOtherBytes(input) }, (usedPlan) =>
      importLocked(duckdb, catalog, input, usedPlan, options, hooks),
    ),
  );

/** Whether the bytes of a file are not those of its text, so that they do not show whether a value has a NUL. */
const hasOtherBytes = ({ isParquet, compression, isOriginal }: Input): boolean =>
  isParquet || compression === 'zstd' || !isOriginal;

async function importLocked(
  duckdb: DuckDb,
  catalog: Catalog,
  input: Input,
  plan: FileReadPlan,
  options: IngestOptions,
  hooks?: RetryHooks,
): Promise<IngestOutcome> {
  const { source } = plan;
  const replaces = options.replaced !== undefined && !options.replaced.has(source.name);
  const importedAt = options.force || replaces ? undefined : await findPreviousIngest(duckdb, input, plan);
  if (importedAt !== undefined) return { file: input.name, source: source.name, alreadyIn: importedAt };
  const job: ImportJob = {
    duckdb,
    catalog,
    input,
    plan,
    maxErrors: options.maxErrors,
    replaces,
    onStage: options.onStage ?? (() => undefined),
    record: { fileSources: plan.fileSources, isWholeFile: hooks === undefined && plan.rowByRow !== true },
    started: performance.now(),
    ...(hooks ? { hooks } : {}),
  };
  const isEmpty = replaces || !(await duckdb.hasRows(`from ${await storedRows(duckdb, source)}`));
  const result =
    isEmpty && !hooks && !mayHaveHeartbeats(input, source) ? await loadDirect(job) : await loadStaged(job, true);
  options.replaced?.add(source.name);
  return result;
}

/** The rows of a source in the database, for a `from`; heartbeats stored in days are events too. */
const storedRows = async (duckdb: DuckDb, { name }: Source): Promise<string> =>
  name === eventsTable ? `(${await selectStored(duckdb, name)})` : identifier(name);

/** Whether the start of a file of events has heartbeats, which are not stored as rows. */
const mayHaveHeartbeats = ({ firstText }: Input, { name }: Source): boolean =>
  name === eventsTable && (firstText === '' || /heartbeat\b/i.test(firstText));

interface ImportJob {
  duckdb: DuckDb;
  catalog: Catalog;
  input: Input;
  plan: FileReadPlan;
  maxErrors: number | undefined;
  replaces: boolean;
  /** Receives each stage as it begins. */
  onStage: (stage: IngestStage) => void;
  record: RecordOptions;
  started: number;
  hooks?: RetryHooks;
}

/** Loads a file directly into an empty table; falls back to staging if a row needs a second pass. */
async function loadDirect(job: ImportJob): Promise<IngestResult> {
  const { duckdb, catalog, input, plan, maxErrors, replaces, onStage, record, started } = job;
  try {
    await resetScratchTables(duckdb);
    // DuckDB does not use every core to the end: hashing the file meanwhile costs less than waiting for it afterwards.
    input.content().catch(() => undefined);
    const { result: loaded, columnNames } = await duckdb.transaction(async () => {
      const corrections = new Corrections(duckdb, catalog);
      const logSessions = new LogSessions(duckdb, catalog, plan.source.name);
      if (replaces) {
        await logSessions.addAll();
        await replaceSource(duckdb, corrections, plan, writtenColumns(plan));
      }
      onStage('reading');
      const {
        good,
        bad,
        columnNames: columns,
      } = await loadDirectly(duckdb, plan, () => expectedRows(duckdb, input, plan));
      onStage('checking');
      if (await needsFormats(duckdb, plan)) throw new NeedsStaging(true, plan);
      if (
        plan.source.name === eventsTable &&
        (await duckdb.hasRows(`from ${await tableRows(duckdb, eventsTable)} where ${isPlainHeartbeat(columns)}`))
      )
        throw new NeedsStaging(true, plan);
      if (!plan.mayHaveNul && (await input.content()).mayHaveNul) throw new NeedsStaging(true, plan);
      if (await hasTotalsRows(duckdb, plan, databaseTable(plan.source.name)))
        throw new NeedsStaging(true, { ...plan, hasTotals: true });
      const skippedRows = await removeSkippedRows(duckdb, plan);
      const counts = { read: good + bad, bad: bad - skippedRows.skipped, ...skippedRows };
      const { summary } = await summarize(duckdb, input, plan, plan.forms, counts);
      assertMaxErrors(maxErrors, summary);
      await corrections.afterReplace();
      onStage('updating');
      await logSessions.addEvents(`from ${databaseTable(plan.source.name)}`, columns);
      const sessionCounts = await logSessions.update();
      const result: IngestResult = {
        ...summary,
        added: good,
        updated: 0,
        unchanged: 0,
        superseded: 0,
        conflicts: [],
        ...(sessionCounts ? { logSessions: sessionCounts } : {}),
        seconds: (performance.now() - started) / 1000,
      };
      await recordIngest(duckdb, result, input, plan, record);
      return { result, columnNames: columns };
    });
    const warnings = await tableIssues(duckdb, plan, columnNames, await tableRows(duckdb, plan.source.name));
    return { ...loaded, doubtful: [...loaded.doubtful, ...warnings] };
  } catch (error) {
    await duckdb.run('set preserve_insertion_order = true');
    if (error instanceof NeedsStaging) return loadStaged({ ...job, plan: { ...plan, ...error.plan } }, error.isClean);
    if (mixedLineEnds.test(String(error))) return loadStaged(job, true);
    throw error;
  }
}

/** Empties a source before a file replaces its rows. */
async function replaceSource(
  duckdb: DuckDb,
  corrections: Corrections,
  { source }: ReadPlan,
  columnNames: readonly string[],
): Promise<void> {
  const rows = await storedRows(duckdb, source);
  if (await duckdb.hasRows(`from ${rows}`))
    await corrections.beforeReplace(
      source.name,
      (_, selected = source.key.slice(0, 1)) => `select ${selected.map(identifier).join(', ')} from ${rows}`,
    );
  await clearSource(duckdb, source.name, columnNames);
}

/** Loads a file into a table that has rows, through a temporary table. */
async function loadStaged(
  { duckdb, catalog, input, plan, maxErrors, replaces, onStage, record, started, hooks }: ImportJob,
  isClean: boolean,
): Promise<IngestResult> {
  onStage('reading');
  const { summary, stageResult, usedPlan } = await stageFile(duckdb, input, plan, isClean, hooks);
  assertMaxErrors(maxErrors, summary);
  onStage('updating');
  return withoutInsertionOrder(duckdb, plan.source, () =>
    duckdb.transaction(async () => {
      const corrections = new Corrections(duckdb, catalog);
      const logSessions = new LogSessions(duckdb, catalog, plan.source.name);
      if (replaces) {
        await logSessions.addAll();
        await replaceSource(duckdb, corrections, plan, stageResult.columnNames);
      }
      await hooks?.inTransaction();
      if (stageResult.good > 0) await separateRows(duckdb, usedPlan, stageResult.columnNames);
      if (stageResult.good > 0) await logSessions.addEvents('from staged', stageResult.columnNames);
      // Without valid rows, a required column may be missing from `staged`.
      const counts =
        stageResult.good === 0
          ? { added: 0, updated: 0, unchanged: 0, superseded: 0, conflicts: [] }
          : await upsert(duckdb, plan.source, {
              columnNames: stageResult.columnNames,
              hasDefaultKeys: hasDefaultKeys(plan),
              hasVersion: stageResult.hasVersion,
              duplicates: plan.mapping?.duplicates ?? 'merge',
              beforeReplace: async (rows) => {
                await corrections.beforeReplace(plan.source.name, rows);
                await logSessions.addReplaced(
                  rows,
                  plan.source.columns.map(({ name }) => name),
                );
              },
            });
      await corrections.afterReplace();
      const sessionCounts = await logSessions.update();
      const result: IngestResult = {
        ...summary,
        ...counts,
        ...(sessionCounts ? { logSessions: sessionCounts } : {}),
        seconds: (performance.now() - started) / 1000,
      };
      await recordIngest(duckdb, result, input, usedPlan, record);
      return result;
    }),
  );
}

/** Stages a file and summarizes it. Infers the date order and the decimal mark if values are ambiguous. */
async function stageFile(
  duckdb: DuckDb,
  input: Input,
  plan: FileReadPlan,
  isClean = true,
  hooks?: RetryHooks,
): Promise<{ summary: FileSummary; stageResult: StageResult; usedPlan: ReadPlan }> {
  let usedPlan: ReadPlan = { ...plan, mayHaveNul: (await input.content()).mayHaveNul };
  let stageResult = await stageWithRepair(duckdb, input, usedPlan, isClean);
  // A row with two faults shows only the first: dates may hide numbers.
  while (await needsFormats(duckdb, usedPlan)) {
    usedPlan = { ...usedPlan, forms: await inferFormats(duckdb, usedPlan, input.name) };
    stageResult = await stageWithRepair(duckdb, input, usedPlan, isClean);
  }
  if (await hasTotalsRows(duckdb, usedPlan, 'staged')) {
    usedPlan = { ...usedPlan, hasTotals: true };
    stageResult = await stageWithRepair(duckdb, input, usedPlan, isClean);
  }
  await hooks?.afterStaging();
  const { summary, ignoredColumns } = await summarize(duckdb, input, plan, usedPlan.forms, stageResult);
  const columnNames = stageResult.columnNames.filter((name) => !ignoredColumns.includes(name));
  const warnings = await tableIssues(duckdb, usedPlan, columnNames, 'staged');
  return {
    summary: { ...summary, doubtful: [...summary.doubtful, ...warnings] },
    stageResult: { ...stageResult, columnNames },
    usedPlan,
  };
}

async function summarize(
  duckdb: DuckDb,
  input: Input,
  plan: FileReadPlan,
  forms: ValueFormats,
  { read, bad, skipped, skips }: Pick<StageResult, 'read' | 'bad' | 'skipped' | 'skips'>,
): Promise<{ summary: FileSummary; ignoredColumns: string[] }> {
  const { source, mapping, ignored, steps } = plan;
  const { issues, nullTimes, ignoredColumns } = await valueNotes(duckdb, { ...plan, forms });
  const rejected = bad === 0 ? [] : await rejectionIssues(duckdb, plan);
  const isUtf8 = rejected.every(({ reason }) => reason !== notUtf8Reason);
  const otherInput = isUtf8 ? undefined : await input.inOtherEncoding?.();
  if (otherInput) throw new OtherEncoding(otherInput);
  const encodingNote =
    'some lines are not UTF-8; use --encoding if the file has another encoding, such as windows-1252';
  const summary = {
    file: input.name,
    source: source.name,
    ...(mapping ? { mapping: mapping.name } : {}),
    steps,
    forms,
    toldByDates: forms.dateOrder !== plan.forms.dateOrder,
    toldByNumbers: forms.decimalMark !== plan.forms.decimalMark,
    read,
    quarantined: bad,
    skipped,
    notes: [...(input.notes ?? []), ...(plan.layout.notes ?? []), ...plan.notes, ...(isUtf8 ? [] : [encodingNote])],
    ignored,
    rejected,
    skips,
    doubtful: [...(await columnConflicts(duckdb, plan)), ...issues],
    emptied: { ...(await nullValueCounts(duckdb, plan)), ...nullTimes },
  };
  return { summary, ignoredColumns };
}

/** Implausible values in the imported or staged rows. */
const tableIssues = async (
  duckdb: DuckDb,
  plan: ReadPlan,
  columnNames: readonly string[],
  table: string,
): Promise<RowIssue[]> => [
  ...(await swappedDateIssues(duckdb, plan, columnNames, table)),
  ...(await warningIssues(duckdb, plan, columnNames, table)),
];

/** Lines of an NDJSON file, blank ones included, if hashing the file counts them anyway. */
async function countedLines(input: Input, { layout }: ReadPlan): Promise<number | undefined> {
  const isCounted =
    layout.format === 'ndjson' && layout.path === input.path && input.isOriginal && input.compression !== 'zstd';
  return isCounted ? (await input.content()).lines : undefined;
}

/** Rows of an NDJSON file without blank lines. */
const expectedRows = async (duckdb: DuckDb, input: Input, plan: ReadPlan): Promise<number> =>
  (await countedLines(input, plan)) ?? countRecordLines(duckdb, plan);

function assertMaxErrors(maxErrors: number | undefined, { file, quarantined, rejected: [first] }: FileSummary): void {
  if (maxErrors === undefined || quarantined <= maxErrors || !first) return;
  throw new WattduckError('too_many_rejected_rows', {
    file,
    rejected: `${pluralize(quarantined, 'row')} rejected`,
    max: formatCount(maxErrors),
    line: first.first,
    issue: describeIssue(first),
  });
}

/** Stages a file; from a repaired copy if DuckDB cannot parse its line ends or quotes. */
async function stageWithRepair(duckdb: DuckDb, input: Input, plan: ReadPlan, isClean = true): Promise<StageResult> {
  try {
    const stageResult = await stageRows(duckdb, plan, [], isClean, await countedLines(input, plan));
    if (!stageResult.brokenQuotes) return stageResult;
  } catch (error) {
    if (!mixedLineEnds.test(String(error))) throw error;
  }
  const { layout, broken } = await repairedCopy(input, plan.layout);
  const repaired = await stageRows(duckdb, { ...plan, layout }, broken);
  if (repaired.brokenQuotes) throw new WattduckError('unbalanced_quotes', { file: input.name });
  return repaired;
}
