import type { RawParameters, Report, View } from '../catalog/definitions.ts';
import { findRole, hasPeriod } from '../catalog/period-parameters.ts';
import { stringsIn } from '../catalog/statements.ts';
import {
  parametersOf,
  reportCte,
  selectFromReport,
  selectScalar,
  topologicalOrder,
  viewCtes,
  withConditions,
} from '../catalog/views.ts';
import { WattduckError } from '../errors/wattduck-error.ts';
import { bind, pickBindings, type BindContext, type BoundParameters } from '../warehouse/binder.ts';
import type { Bindings } from '../warehouse/connection.ts';
import { duckdbError } from '../warehouse/duckdb-errors.ts';
import { identifier, literal, type DuckDb } from '../warehouse/duckdb.ts';
import type { Row } from '../warehouse/values.ts';
import type { ForecastResult, Progress } from './forecast-report.ts';
import { bindingsOfEarlier, comparisonMacros, earlierPeriod, isTotalRequested, withComparison } from './compare.ts';
import { noRowsReason, prunedDataNotes, staleDataNotes } from './data-notes.ts';
import {
  countColumn,
  limitClause,
  orderedSql,
  pagedSql,
  pageRows,
  selectList,
  splitTotals,
  stripTotalPrefix,
  summaryOf,
  totalExpressions,
} from './report-sql.ts';
import { zoneTables, type ReportZone } from './report-zone.ts';
import { resolveParameters, type ResolveContext } from './resolve-parameters.ts';
import { loadSegmentRules, rulesSql } from './segment-rules.ts';

/** The result of a report, before it becomes a document, a table or a file. */
export interface Answer {
  report: Report;
  rows: Row[];
  /** Number of rows before paging. */
  total: number;
  /** Totals and facts, for shapes that include them; for an object without rows, the columns that have a value. */
  totals: Row;
  /** Parameters as text, with defaults. */
  rawValues: RawParameters;
  seconds: number;
  /** Estimated rows read, for shapes that include it; otherwise 0. */
  rowsRead: number;
  /** Sums of the additive columns over all rows; undefined unless requested. */
  totalRow?: Row | undefined;
  /** Why the answer has no rows, for people; known after the rows. */
  emptyReason?: string | undefined;
  /** Notes for people, shown on stderr or in a header. */
  notes: string[];
  /** Time zone of local times; undefined if the report reads none. */
  zone: ReportZone | undefined;
}

/** Context of a run: clock, labels and progress. */
export type RunContext = ResolveContext & Progress;

/** A running report; totals are known after its rows. */
export interface ReportStream extends Pick<Answer, 'report' | 'rawValues' | 'notes' | 'zone' | 'emptyReason'> {
  /** The rows; must be read once and completely. */
  chunks: AsyncGenerator<Row[]>;
  end(): Promise<Pick<Answer, 'total' | 'totals' | 'totalRow' | 'seconds' | 'rowsRead'>>;
  /** The currency of amounts in an answer without a column for it; undefined if it is unknown. */
  currency(): Promise<string | undefined>;
}

/**
 * Runs a report: bind, sort, page, count.
 * @param all whether to return all rows, without paging
 * @throws WattduckError (usage) for invalid parameters
 */
export async function runReport(
  duckdb: DuckDb,
  report: Report,
  params: RawParameters,
  context: RunContext,
  all = false,
): Promise<Answer> {
  const stream = await startReport(duckdb, report, params, context, all);
  const rows: Row[][] = [];
  for await (const chunk of stream.chunks) rows.push(chunk);
  const { chunks: _, end, currency: __, ...answer } = stream;
  return { ...answer, rows: rows.flat(), ...(await end()) };
}

/**
 * Starts a report. Errors are thrown before the first rows.
 * @param all whether to return all rows, without paging
 * @throws WattduckError (usage) like {@link runReport}, and for paging parameters with `all`
 */
export async function startReport(
  duckdb: DuckDb,
  baseReport: Report,
  params: RawParameters,
  runContext: RunContext,
  all = false,
): Promise<ReportStream> {
  if (all) assertNoPaging(params, runContext);
  const started = performance.now();
  const { report, bound, zone, context, notes: periodNotes } = await bindReport(duckdb, baseReport, params, runContext);
  const { rawValues } = bound;
  const hasTotal = isTotalRequested(report, rawValues);
  const withReportErrors = async <T>(work: () => Promise<T>): Promise<T> =>
    work().catch((error: unknown) => {
      throw reportError(error, report, context);
    });
  const prepared = await withReportErrors(() => prepareRun(duckdb, report, bound, context));
  const { bindings } = prepared;
  const notes = [...periodNotes, ...prepared.notes];
  const facts = await withReportErrors(() => readFacts(duckdb, report, bindings));
  let [rowCount, summary]: [number, Row | undefined] = [0, undefined];
  const isSingleQuery = report.grouped && !all;
  async function* chunks(): AsyncGenerator<Row[]> {
    try {
      const sql = isSingleQuery
        ? pagedSql(report, rawValues, hasTotal)
        : `${reportCte(report)} ${orderedSql(report, rawValues)}${all ? '' : limitClause(report, rawValues)}`;
      for await (const chunk of duckdb.chunks(sql, bindings)) {
        summary ??= summaryOf(chunk);
        const rows = isSingleQuery ? pageRows(chunk) : chunk;
        rowCount += rows.length;
        if (rows.length > 0) yield rows;
      }
      if (rowCount === 0) await assertFound(duckdb, report, rawValues, bindings);
      if (rowCount === 0) stream.emptyReason = await noRowsReason(duckdb, report, bound, context);
    } catch (error) {
      throw reportError(error, report, context);
    }
  }
  const finish = (): ReturnType<ReportStream['end']> =>
    withReportErrors(async () => {
      const { [countColumn]: matchCount, ...sums } = summary ?? {};
      const total = isSingleQuery
        ? Number(matchCount)
        : all
          ? rowCount
          : await countRows(duckdb, report, rawValues, rowCount, bindings);
      const allTotals = isSingleQuery
        ? stripTotalPrefix(sums)
        : await readTotals(duckdb, report, bindings, rowCount === 0, hasTotal);
      const { totals, totalRow } = splitTotals(report, roundCells(allTotals), hasTotal);
      const seconds = (performance.now() - started) / 1000;
      return {
        total,
        totals: { ...totals, ...facts },
        totalRow,
        seconds,
        rowsRead: report.answer.shape === 'tinybird' ? await estimateRowsRead(duckdb, report.tables) : 0,
      };
    });
  let finished: ReturnType<ReportStream['end']> | undefined;
  const stream: ReportStream = {
    report,
    rawValues,
    notes,
    zone,
    chunks: chunks(),
    end: () => (finished ??= finish()),
    currency: () => withReportErrors(() => readCurrency(duckdb, report, bound)),
  };
  return stream;
}

/** Rounds numbers to six decimals, because the last bits of a sum of floating-point numbers depend on the order of its terms. */
const roundCells = (row: Row): Row =>
  Object.fromEntries(
    Object.entries(row).map(([name, cell]) => [name, typeof cell === 'number' ? Number(cell.toFixed(6)) : cell]),
  );

/** What a copy of a report contains. */
export interface ReportCopy extends Pick<Answer, 'report' | 'rawValues' | 'notes' | 'zone' | 'emptyReason'> {
  rowCount: number;
  /** Number of rows before paging; undefined unless requested. */
  total: number | undefined;
}

/**
 * Writes the page of a report with DuckDB's `copy … to`.
 * @param target SQL of the file and its options
 * @param options columns to write, all by default; whether to write all rows; whether to count the rows before paging
 */
export async function copyReport(
  duckdb: DuckDb,
  baseReport: Report,
  params: RawParameters,
  runContext: RunContext,
  target: string,
  { columns, all = false, count = false }: { columns?: readonly string[]; all?: boolean; count?: boolean } = {},
): Promise<ReportCopy> {
  if (all) assertNoPaging(params, runContext);
  const { report, bound, zone, context, notes: periodNotes } = await bindReport(duckdb, baseReport, params, runContext);
  const { rawValues } = bound;
  try {
    const { bindings, notes } = await prepareRun(duckdb, report, bound, context);
    await readFacts(duckdb, report, bindings);
    // DuckDB's copy accepts no parameters.
    await duckdb.run(
      `create or replace temp table temp.answer as ${reportCte(report)} ${orderedSql(report, rawValues)}${all ? '' : limitClause(report, rawValues)}`,
      bindings,
    );
    const columnList = columns?.map(identifier).join(', ');
    await duckdb.run(`copy ${columnList ? `(select ${columnList} from temp.answer)` : 'temp.answer'} to ${target}`);
    const { n } = await duckdb.row('select count(*) as n from temp.answer');
    const rowCount = Number(n);
    if (rowCount === 0) await assertFound(duckdb, report, rawValues, bindings);
    return {
      report,
      rawValues,
      zone,
      rowCount,
      total: count && !all ? await countRows(duckdb, report, rawValues, rowCount, bindings) : undefined,
      emptyReason: rowCount === 0 ? await noRowsReason(duckdb, report, bound, context) : undefined,
      notes: [...periodNotes, ...notes],
    };
  } catch (error) {
    throw reportError(error, report, context);
  } finally {
    await duckdb.run('drop table if exists temp.answer').catch(() => undefined);
  }
}

/** @throws WattduckError (paging_with_all_rows) */
function assertNoPaging(params: RawParameters, { label }: RunContext): void {
  const paging = ['limit', 'take', 'skip'].find((name) => params[name] !== undefined);
  if (paging) throw new WattduckError('paging_with_all_rows', { parameter: label(paging) });
}

/** The note of an answer without rows. */
export const emptyNotes = (reason: string | undefined): string[] =>
  reason === undefined ? [] : [`no rows: ${reason}`];

/** A report with its bound parameters. */
interface BoundReport extends Pick<Answer, 'report' | 'notes' | 'zone'> {
  bound: BoundParameters;
  context: RunContext;
}

/** Resolves and binds the parameters of a report, which may be compared with an earlier period. */
async function bindReport(
  duckdb: DuckDb,
  baseReport: Report,
  params: RawParameters,
  runContext: RunContext,
): Promise<BoundReport> {
  const resolved = await resolveParameters(duckdb, baseReport, params, runContext);
  const context = { ...runContext, ...resolved.context };
  const compared = withComparison(baseReport, resolved.params);
  const bound = await bind(duckdb, compared.parameters, resolved.params, context);
  const report = await withEnoughEvents(duckdb, compared, bound.bindings);
  const dataNotes = [
    ...(await staleDataNotes(duckdb, report, bound, context)),
    ...(await prunedDataNotes(duckdb, report, bound, context)),
  ];
  const earlier = await earlierPeriod(duckdb, report, bound, resolved);
  if (!earlier) return { report, bound, context, zone: resolved.zone, notes: [...resolved.notes, ...dataNotes] };
  const { values, types } = bound.bindings;
  const bindings = {
    values: { ...values, ...earlier.bindings.values },
    types: { ...types, ...earlier.bindings.types },
  };
  return {
    report,
    bound: { ...bound, bindings },
    context,
    zone: resolved.zone,
    notes: [...resolved.notes, earlier.note, ...dataNotes],
  };
}

/** A report that looks in all events if it finds nothing within its bound, and asks for that. */
async function withEnoughEvents(duckdb: DuckDb, report: Report, bindings: Bindings): Promise<Report> {
  const { scanFrom, ...unbounded } = report;
  if (scanFrom === undefined || report.answer.shape === 'tinybird' || report.answer.missing?.read_all !== true)
    return report;
  const found = await duckdb.rows(`${reportCte(report)} ${selectFromReport('1 as n')} limit 1`, bindings);
  return found.length > 0 ? report : unbounded;
}

/** All SQL a report may run, for its tables and macros to be made. */
export const sqlOf = (report: Report): string[] => [
  reportCte(report),
  ...stringsIn(report.answer),
  ...report.tables,
  ...zoneTables,
  ...viewCtes([...(report.forecast ? [report.forecast.series] : []), ...withConditions(report.notes)]),
  ...(report.tables.includes(segmentsTable) ? rulesSql : []),
  ...(report.forecast ? seriesMacros : []),
  ...(findRole(report, 'compare') ? comparisonMacros : []),
];

/** Macros of the query that reads the daily series of a forecast. */
const seriesMacros = ['list_by', 'fail_above'];

const segmentsTable = 'customer_segments';

/** Prepares segment rules and forecasts, which the SQL of a report uses. */
async function prepareRun(
  duckdb: DuckDb,
  report: Report,
  bound: BoundParameters,
  context: RunContext,
): Promise<ForecastResult> {
  if (report.tables.includes(segmentsTable)) await loadSegmentRules(duckdb);
  const dataNotes = await readNotes(duckdb, report, bound);
  if (!report.forecast) return { bindings: bound.bindings, notes: dataNotes };
  const { runForecast: forecastFor } = await import('./forecast-report.ts');
  const { bindings, notes } = await forecastFor(duckdb, report, report.forecast.series, bound, context);
  return { bindings, notes: [...notes, ...dataNotes] };
}

/** The rows of the report's views of notes, and in a comparison those of the earlier period. */
async function readNotes(duckdb: DuckDb, report: Report, bound: BoundParameters): Promise<string[]> {
  const texts: string[] = [];
  const earlier = bindingsOfEarlier(report, bound);
  const select = (view: View, list: string, end: string, bindings = bound.allBindings): ReturnType<DuckDb['rows']> =>
    duckdb.rows(
      `with ${viewCtes([view]).join(', ')} select ${list} from ${identifier(view.name)} ${end}`,
      pickBindings(bindings, parametersOf(topologicalOrder([view]))),
    );
  const notesOf = async (view: View, bindings?: Bindings): Promise<string[]> =>
    (await select(view, 'note', 'where note is not null order by note', bindings)).map(({ note }) => String(note));
  for (const view of report.notes) {
    if (view.when && (await select(view.when, '1 as n', 'limit 1')).length === 0) continue;
    texts.push(...(await notesOf(view)));
    if (earlier && hasPeriod(parametersOf(topologicalOrder([view]))))
      texts.push(...(await notesOf(view, earlier)).map((note) => `In the earlier period, ${note}`));
  }
  return texts;
}

/** The currency that a report converts its amounts to. */
async function readCurrency(
  duckdb: DuckDb,
  { views, forecast }: Report,
  { allBindings }: BoundParameters,
): Promise<string | undefined> {
  const view = [...views, ...topologicalOrder(forecast ? [forecast.series] : [])].find(
    ({ name }) => name === 'answer_currency',
  );
  if (!view) return undefined;
  const { answer_currency: currency } = await duckdb.row(
    `with ${viewCtes([view]).join(', ')} select answer_currency from answer_currency`,
    pickBindings(allBindings, parametersOf(topologicalOrder([view]))),
  );
  return typeof currency === 'string' ? currency : undefined;
}

function reportError(error: unknown, { parameters }: Report, context: BindContext): unknown {
  if (String(error).includes('more than 10000 buckets')) {
    const hasGranularity = parameters.some(({ name }) => name === 'granularity');
    const coarser = hasGranularity ? `, or another ${context.label('granularity')}` : '';
    return new WattduckError('too_many_buckets', { coarser }, error);
  }
  return duckdbError(error, 'the database');
}

async function assertFound(
  duckdb: DuckDb,
  report: Report,
  rawValues: RawParameters,
  bindings: Bindings,
): Promise<void> {
  if (report.answer.shape === 'tinybird' || report.answer.missing === undefined) return;
  const { parameter, what, unless } = report.answer.missing;
  if (
    unless !== undefined &&
    (await duckdb.row(`${reportCte(report)} ${selectScalar(`${unless} as is_known`)}`, bindings))['is_known'] === true
  )
    return;
  throw new WattduckError('record_not_found', { record: what, value: rawValues[parameter] });
}

async function countRows(
  duckdb: DuckDb,
  report: Report,
  rawValues: RawParameters,
  rowCount: number,
  bindings: Bindings,
): Promise<number> {
  const skip = Number(rawValues['skip'] ?? 0);
  const limit = Number(rawValues['limit'] ?? rawValues['take'] ?? Infinity);
  if (rowCount < limit && (skip === 0 || rowCount > 0)) return skip + rowCount;
  const { n } = await duckdb.row(`${reportCte(report)} ${selectFromReport('count(*) as n')}`, bindings);
  return Number(n);
}

async function readTotals(
  duckdb: DuckDb,
  report: Report,
  bindings: Bindings,
  isEmpty: boolean,
  hasTotal: boolean,
): Promise<Row> {
  const totals = totalExpressions(report, hasTotal);
  if (totals.length > 0) return duckdb.row(`${reportCte(report)} ${selectFromReport(selectList(totals))}`, bindings);
  const emptyValues = isEmpty && report.answer.shape === 'object' ? Object.entries(report.answer.empty ?? {}) : [];
  return emptyValues.length === 0
    ? {}
    : duckdb.row(`${reportCte(report)} ${selectScalar(selectList(emptyValues))}`, bindings);
}

const guardColumn = 'guard';

/** The facts of a list report; its guard is evaluated only for its error. */
async function readFacts(duckdb: DuckDb, report: Report, bindings: Bindings): Promise<Row> {
  if (report.answer.shape !== 'list') return {};
  const { facts, guard } = report.answer;
  const expressions = [
    ...Object.entries(facts),
    ...(guard === undefined ? [] : [[guardColumn, guard] as [string, string]]),
  ];
  if (expressions.length === 0) return {};
  const { [guardColumn]: _, ...values } = await duckdb.row(
    `${reportCte(report)} ${selectScalar(selectList(expressions))}`,
    bindings,
  );
  return values;
}

/**
 * Estimated size of the tables a report reads, because a restricted connection has no scan counts. The comment on a view of a
 * Parquet folder is its number of rows.
 */
export async function estimateRowsRead(duckdb: DuckDb, tables: readonly string[]): Promise<number> {
  if (tables.length === 0) return 0;
  if (duckdb.isOtherEngine) return duckdb.estimateRows(tables);
  const { n } = await duckdb.row(
    `select coalesce(sum(n), 0)::bigint as n
     from (select table_name as name, database_name, estimated_size as n from duckdb_tables()
           union all
           select view_name, database_name, try_cast(comment as bigint) from duckdb_views())
     where database_name = 'db' and name in (${tables.map(literal).join(', ')})`,
  );
  return Number(n);
}
