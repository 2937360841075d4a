import { outputColumns, type RawParameters, type Report, type View } from '../catalog/definitions.ts';
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
import type { Cell, Row } from '../warehouse/values.ts';
import type { ForecastResult, Progress } from './forecast-report.ts';
import { changeOf, earlierPeriod, isTotalRequested, relativeChange, withComparison } from './compare.ts';
import { noRowsReason, staleDataNotes } from './data-notes.ts';
import { pipeZoneNotes, zoneTables, type ReportZone } from './report-zone.ts';
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
}

/**
 * Runs a report: bind, sort, page, count.
 * @throws WattduckError (usage) for invalid parameters
 */
export async function runReport(
  duckdb: DuckDb,
  report: Report,
  params: RawParameters,
  context: RunContext,
): Promise<Answer> {
  const stream = await startReport(duckdb, report, params, context);
  const rows: Row[][] = [];
  for await (const chunk of stream.chunks) rows.push(chunk);
  const { chunks: _, end, ...answer } = stream;
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
  const paging = all ? ['limit', 'take', 'skip'].find((name) => params[name] !== undefined) : undefined;
  if (paging) throw new WattduckError('paging_with_all_rows', { parameter: runContext.label(paging) });
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
      const { totals, totalRow } = splitTotals(report, allTotals, hasTotal);
      const seconds = (performance.now() - started) / 1000;
      return {
        total,
        totals: {
          ...Object.fromEntries(Object.entries(totals).map(([name, cell]) => [name, roundCell(cell)])),
          ...facts,
        },
        totalRow,
        seconds,
        rowsRead: report.answer.shape === 'tinybird' ? await estimateRowsRead(duckdb, report.tables) : 0,
      };
    });
  let finished: ReturnType<ReportStream['end']> | undefined;
  const stream: ReportStream = { report, rawValues, notes, zone, chunks: chunks(), end: () => (finished ??= finish()) };
  return stream;
}

/** Rounds to six decimals, because the last bits of a sum of floating-point numbers depend on the order of its terms. */
const roundCell = (cell: Cell): Cell => (typeof cell === 'number' ? Math.round(cell * 1e6) / 1e6 : cell);

/** Writes the page of a report with DuckDB's `copy … to`, and returns its notes. @param target SQL of the file and its options */
export async function copyReport(
  duckdb: DuckDb,
  baseReport: Report,
  params: RawParameters,
  runContext: RunContext,
  target: string,
): Promise<string[]> {
  const { report, bound, zone, context, notes: periodNotes } = await bindReport(duckdb, baseReport, params, runContext);
  const { rawValues } = bound;
  try {
    const { bindings, notes } = await prepareRun(duckdb, report, bound, context);
    await readFacts(duckdb, report, bindings);
    // DuckDB's copy accepts no parameters.
    await duckdb.run(
      `create or replace temp table temp.answer as ${reportCte(report)} ${orderedSql(report, rawValues)}${limitClause(report, rawValues)}`,
      bindings,
    );
    await duckdb.run(`copy temp.answer to ${target}`);
    const { n } = await duckdb.row('select count(*) as n from temp.answer');
    if (n === 0) await assertFound(duckdb, report, rawValues, bindings);
    const reason = n === 0 ? await noRowsReason(duckdb, report, bound, context) : undefined;
    return [...emptyNotes(reason), ...periodNotes, ...notes, ...pipeZoneNotes(report, zone)];
  } catch (error) {
    throw reportError(error, report, context);
  } finally {
    await duckdb.run('drop table if exists temp.answer').catch(() => undefined);
  }
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
  const report = withComparison(baseReport, resolved.params);
  const bound = await bind(duckdb, report.parameters, resolved.params, context);
  const stale = await staleDataNotes(duckdb, report, bound, context);
  const earlier = await earlierPeriod(duckdb, report, bound, resolved);
  if (!earlier) return { report, bound, context, zone: resolved.zone, notes: [...resolved.notes, ...stale] };
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
    notes: [...resolved.notes, earlier.note, ...stale],
  };
}

/** All SQL a report may run, for its tables and macros to be made. */
export const sqlOf = (report: Report): string[] => [
  reportCte(report),
  ...stringsIn(report.answer),
  ...report.tables,
  ...zoneTables,
  ...viewCtes([...(report.forecast ? [report.forecast.series] : []), ...withConditions(report.notes)]),
  ...(report.tables.includes(segmentsTable) ? rulesSql : []),
];

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

/** The rows of the report's views of notes. */
async function readNotes(duckdb: DuckDb, { notes }: Report, { allBindings }: BoundParameters): Promise<string[]> {
  const texts: string[] = [];
  const select = (view: View, list: string, end: string): ReturnType<DuckDb['rows']> =>
    duckdb.rows(
      `with ${viewCtes([view]).join(', ')} select ${list} from ${identifier(view.name)} ${end}`,
      pickBindings(allBindings, parametersOf(topologicalOrder([view]))),
    );
  for (const view of notes) {
    if (view.when && (await select(view.when, '1 as n', 'limit 1')).length === 0) continue;
    texts.push(...(await select(view, 'note', 'where note is not null order by note')).map(({ note }) => String(note)));
  }
  return texts;
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

const [countColumn, rowColumn, totalPrefix, guardColumn, sumPrefix] = [
  'row count',
  'is on page',
  'total ',
  'guard',
  'sum of ',
];

const totalExpressions = ({ answer, additive }: Report, hasTotal: boolean): [name: string, sql: string][] => [
  ...(answer.shape === 'list' ? Object.entries(answer.totals) : []),
  ...(hasTotal ? additive.map((name): [string, string] => [sumPrefix + name, `sum(${identifier(name)})`]) : []),
];

/** Separates the totals of the document from the sums of the total row, and adds the changes of these. */
function splitTotals(report: Report, all: Row, hasTotal: boolean): { totals: Row; totalRow: Row | undefined } {
  const entries = Object.entries(all);
  const totals = Object.fromEntries(entries.filter(([name]) => !name.startsWith(sumPrefix)));
  if (!hasTotal) return { totals, totalRow: undefined };
  const sums = Object.fromEntries(
    entries.flatMap(([name, value]) =>
      name.startsWith(sumPrefix) ? [[name.slice(sumPrefix.length), value] as const] : [],
    ),
  );
  const isNullable = (name: string): boolean =>
    report.columns.some((column) => column.name === name && column.nullable);
  const valueOf = (name: string): Cell => sums[name] ?? (isNullable(name) ? null : 0);
  const row = report.additive.flatMap((name): [string, Cell][] => [
    [name, valueOf(name)],
    ...(report.columns.some((column) => column.name === changeOf(name))
      ? [[changeOf(name), relativeChange(valueOf(name), valueOf(`${name}_before`))] as [string, Cell]]
      : []),
  ]);
  return { totals, totalRow: Object.fromEntries(row) };
}

/**
 * One query for the page, the number of all rows and their totals, so that groups are computed once. Count and totals are
 * repeated in every row; an empty page has one row with them. Ungrouped reports are counted by a separate, cheaper query.
 */
function pagedSql(report: Report, rawValues: RawParameters, hasTotal: boolean): string {
  const sums = totalExpressions(report, hasTotal)
    .map(([name, sql]) => `, ${sql} as ${identifier(totalPrefix + name)}`)
    .join('');
  return `${reportCte(report)}, totals as (select count(*) as ${identifier(countColumn)}${sums} from report),
    page as (select *, true as ${identifier(rowColumn)} from report order by ${orderBy(report, rawValues, 'report')}${limitClause(report, rawValues)})
    select totals.*, ${columnList(report)}, ${identifier(rowColumn)} from totals left join page on true order by ${orderBy(report, rawValues, 'page')}`;
}

/** Count and totals, which every row repeats. */
const summaryOf = ([first]: readonly Row[]): Row =>
  Object.fromEntries(
    Object.entries(first ?? {}).filter(([name]) => name === countColumn || name.startsWith(totalPrefix)),
  );

const stripTotalPrefix = (summary: Row): Row =>
  Object.fromEntries(Object.entries(summary).map(([name, cell]) => [name.slice(totalPrefix.length), cell]));

/** The rows of the page, without count and totals. */
function pageRows(allRows: readonly Row[]): Row[] {
  const extraColumns = [rowColumn, ...Object.keys(summaryOf(allRows))];
  const rows = allRows.filter((row) => row[rowColumn] === true);
  for (const row of rows) for (const name of extraColumns) delete row[name];
  return rows;
}

const orderedSql = (report: Report, rawValues: RawParameters): string =>
  `select ${columnList(report)} from report order by ${orderBy(report, rawValues, 'report')}`;

/** The columns of the answer; times have whole seconds, like the type DateTime. */
const columnList = (report: Report): string =>
  outputColumns(report)
    .map(({ name, type }) =>
      /^TIMESTAMP\b/.test(type) ? `date_trunc('second', ${identifier(name)}) as ${identifier(name)}` : identifier(name),
    )
    .join(', ');

/** Ends with the key, so that pages never overlap. @param table name that qualifies the columns: a selected column may be rounded */
function orderBy(report: Report, rawValues: RawParameters, table: string): string {
  const sort = report.sort.split
    ? `${rawValues['sort_order'] === 'desc' ? '-' : ''}${rawValues['sort_field']}`
    : (rawValues['sort'] ?? report.sort.default);
  const [column, direction] = sort.startsWith('-') ? [sort.slice(1), 'desc'] : [sort, 'asc'];
  return [
    `${table}.${identifier(column)} ${direction} nulls last`,
    ...report.key.map((key) => `${table}.${identifier(key)} nulls last`),
  ].join(', ');
}

function limitClause(report: Report, rawValues: RawParameters): string {
  if (report.page.kind === 'none') return '';
  if (report.page.kind === 'limit') return ` limit ${Number(rawValues['limit'])}`;
  return ` limit ${Number(rawValues['take'])} offset ${BigInt(rawValues['skip'] ?? 0)}`;
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

const selectList = (expressions: readonly [name: string, sql: string][]): string =>
  expressions.map(([name, sql]) => `${sql} as ${identifier(name)}`).join(', ');

/** Estimated size of the tables a report reads, because a restricted connection has no scan counts. */
export async function estimateRowsRead(duckdb: DuckDb, tables: readonly string[]): Promise<number> {
  if (tables.length === 0) return 0;
  const { n } = await duckdb.row(
    `select coalesce(sum(estimated_size), 0) as n from duckdb_tables()
     where database_name = 'db' and table_name in (${tables.map(literal).join(', ')})`,
  );
  return Number(n);
}
