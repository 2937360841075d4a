import { outputColumns, type RawParameters, type Report } from '../catalog/definitions.ts';
import { stringsIn } from '../catalog/statements.ts';
import { reportCte, selectFromReport, selectScalar, viewCtes } from '../catalog/views.ts';
import { WattduckError } from '../errors/wattduck-error.ts';
import { bind, type BindContext, type BoundParameters } from '../warehouse/binder.ts';
import type { Bindings } from '../warehouse/connection.ts';
import { duckdbError } from '../warehouse/duckdb-errors.ts';
import { identifier, literal, type DuckDb } from '../warehouse/duckdb.ts';
import type { Cell, Row } from '../warehouse/values.ts';
import type { ForecastResult, Progress } from './forecast-report.ts';
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
  /** Notes for people, shown on stderr or in a header. */
  notes: string[];
}

/** Context of a run: clock, labels and progress. */
export type RunContext = BindContext & Progress;

/** A running report; totals are known after its rows. */
export interface ReportStream extends Pick<Answer, 'report' | 'rawValues' | 'notes'> {
  /** The rows; must be read once and completely. */
  chunks: AsyncGenerator<Row[]>;
  end(): Promise<Pick<Answer, 'total' | 'totals' | 'seconds' | 'rowsRead'>>;
}

/**
 * Runs a report: bind, sort, page, count.
 * @throws WattduckError (usage) for invalid parameters and for sessions in more than one currency
 */
export async function runReport(
  duckdb: DuckDb,
  report: Report,
  params: RawParameters,
  context: RunContext,
): Promise<Answer> {
  const { rawValues, notes, chunks, end } = await startReport(duckdb, report, params, context);
  const rows: Row[][] = [];
  for await (const chunk of chunks) rows.push(chunk);
  return { report, rawValues, notes, rows: rows.flat(), ...(await end()) };
}

/**
 * Starts a report. Errors are thrown before the first rows.
 * @param all whether to return all rows, without paging
 * @throws WattduckError (usage) like {@link runReport}, and for paging parameters with `all`
 */
export async function startReport(
  duckdb: DuckDb,
  report: Report,
  params: RawParameters,
  context: RunContext,
  all = false,
): Promise<ReportStream> {
  const paging = all ? ['limit', 'take', 'skip'].find((name) => params[name] !== undefined) : undefined;
  if (paging) throw new WattduckError('paging_with_all_rows', { parameter: context.label(paging) });
  const bound = await bind(duckdb, report.parameters, params, context);
  const { rawValues } = bound;
  const started = performance.now();
  const withReportErrors = async <T>(work: () => Promise<T>): Promise<T> =>
    work().catch((error: unknown) => {
      throw reportError(error, report, context);
    });
  const { bindings, notes } = await withReportErrors(() => prepareRun(duckdb, report, bound, context));
  const facts = await withReportErrors(() => readFacts(duckdb, report, bindings));
  let [rowCount, summary]: [number, Row | undefined] = [0, undefined];
  const isSingleQuery = report.grouped && !all;
  async function* chunks(): AsyncGenerator<Row[]> {
    try {
      const sql = isSingleQuery
        ? pagedSql(report, rawValues)
        : `${reportCte(report)} ${orderedSql(report, rawValues)}${all ? '' : limitClause(report, rawValues)}`;
      for await (const chunk of duckdb.chunks(sql, bindings)) {
        summary ??= summaryOf(chunk);
        const rows = isSingleQuery ? pageRows(chunk) : chunk;
        rowCount += rows.length;
        if (rows.length > 0) yield rows;
      }
      if (rowCount === 0) await assertFound(duckdb, report, rawValues, bindings);
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
      const totals = isSingleQuery
        ? stripTotalPrefix(sums)
        : await readTotals(duckdb, report, bindings, rowCount === 0);
      const seconds = (performance.now() - started) / 1000;
      return {
        total,
        totals: {
          ...Object.fromEntries(Object.entries(totals).map(([name, cell]) => [name, roundCell(cell)])),
          ...facts,
        },
        seconds,
        rowsRead: report.answer.shape === 'tinybird' ? await estimateRowsRead(duckdb, report.tables) : 0,
      };
    });
  let finished: ReturnType<ReportStream['end']> | undefined;
  return { report, rawValues, notes, chunks: chunks(), end: () => (finished ??= finish()) };
}

/** Rounds to six decimals, because the last bits of a sum of floating-point numbers depend on the order of its terms. */
const roundCell = (cell: Cell): Cell => (typeof cell === 'number' ? Math.round(cell * 1e6) / 1e6 : cell);

/** Writes the page of a report with DuckDB's `copy … to`, and returns its notes. @param target SQL of the file and its options */
export async function copyReport(
  duckdb: DuckDb,
  report: Report,
  params: RawParameters,
  context: RunContext,
  target: string,
): Promise<string[]> {
  const bound = await bind(duckdb, report.parameters, params, context);
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
    return notes;
  } catch (error) {
    throw reportError(error, report, context);
  } finally {
    await duckdb.run('drop table if exists temp.answer').catch(() => undefined);
  }
}

/** All SQL a report may run, for its tables and macros to be made. */
export const sqlOf = (report: Report): string[] => [
  reportCte(report),
  ...stringsIn(report.answer),
  ...report.tables,
  ...(report.forecast ? viewCtes([report.forecast.series]) : []),
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
  if (!report.forecast) return { bindings: bound.bindings, notes: [] };
  const { runForecast: forecastFor } = await import('./forecast-report.ts');
  return forecastFor(duckdb, report, report.forecast.series, bound, context);
}

function reportError(error: unknown, { parameters }: Report, context: BindContext): unknown {
  if (String(error).includes('more than 10000 buckets')) {
    const hasGranularity = parameters.some(({ name }) => name === 'granularity');
    const coarser = hasGranularity ? `, or another ${context.label('granularity')}` : '';
    return new WattduckError('too_many_buckets', { coarser }, error);
  }
  const currencies = /more than one currency: ([^\n]*)/.exec(String(error))?.[1]?.split(', ').toSorted();
  if (!currencies) return duckdbError(error, 'the database');
  return new WattduckError(
    'multiple_currencies',
    { currencies: currencies.join(', '), parameter: context.label('currency'), currency: currencies[0] },
    error,
  );
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

const [countColumn, rowColumn, totalPrefix, guardColumn] = ['row count', 'is a row', 'total ', 'guard'];

const totalExpressions = ({ answer }: Report): [name: string, sql: string][] =>
  answer.shape === 'list' ? Object.entries(answer.totals) : [];

/**
 * One query for the page, the number of all rows and their totals, so that groups are computed once. Count and totals are
 * repeated in every row; an empty page has one row with them. Ungrouped reports are counted by a separate, cheaper query.
 */
function pagedSql(report: Report, rawValues: RawParameters): string {
  const sums = totalExpressions(report)
    .map(([name, sql]) => `, ${sql} as ${identifier(totalPrefix + name)}`)
    .join('');
  return `${reportCte(report)}, totals as (select count(*) as ${identifier(countColumn)}${sums} from report),
    page as (select *, true as ${identifier(rowColumn)} from report order by ${orderBy(report, rawValues)}${limitClause(report, rawValues)})
    select totals.*, ${columnList(report)}, ${identifier(rowColumn)} from totals left join page on true order by ${orderBy(report, rawValues)}`;
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
  `select ${columnList(report)} from report order by ${orderBy(report, rawValues)}`;

const columnList = (report: Report): string =>
  outputColumns(report)
    .map(({ name }) => identifier(name))
    .join(', ');

/** Ends with the key, so that pages never overlap. */
function orderBy(report: Report, rawValues: RawParameters): string {
  const sort = report.sort.split
    ? `${rawValues['sort_order'] === 'desc' ? '-' : ''}${rawValues['sort_field']}`
    : (rawValues['sort'] ?? report.sort.default);
  const [column, direction] = sort.startsWith('-') ? [sort.slice(1), 'desc'] : [sort, 'asc'];
  return [
    `${identifier(column)} ${direction} nulls last`,
    ...report.key.map((key) => `${identifier(key)} nulls last`),
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

async function readTotals(duckdb: DuckDb, report: Report, bindings: Bindings, isEmpty: boolean): Promise<Row> {
  const totals = totalExpressions(report);
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
