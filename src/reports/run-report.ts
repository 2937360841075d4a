import { answered, type Given, type Report } from '../catalog/definitions.ts';
import { asReport, onItsOwn, overAll } from '../catalog/views.ts';
import { WattduckError } from '../errors.ts';
import { clipped } from '../text/plain-text.ts';
import { bind, type BindContext, type Bound } from '../warehouse/binder.ts';
import { identifier, literal, type Engine } from '../warehouse/engine.ts';
import { duckdbFault } from '../warehouse/faults.ts';
import type { Bindings } from '../warehouse/link.ts';
import type { Row } from '../warehouse/values.ts';
import { forecastFor, type Forecasted, type Progress } from './forecast-report.ts';
import { learnRules } from './segment-rules.ts';

/** What a report answered, before it takes the shape of a document, a table or a file. */
export interface Answer {
  report: Report;
  rows: Row[];
  /** Rows there were before paging. */
  total: number;
  /** What is told beside the rows, for the shapes that carry it. */
  totals: Row;
  /** Parameters as texts, defaults filled in. */
  texts: Given;
  seconds: number;
  /** Rows of the tables the report reads, where its shape tells them. */
  rowsRead: number;
  /** What a person should know of the answer, and no program looks for. */
  notes: string[];
}

/** Who asks for a report, and is told how long it takes. */
export type RunContext = BindContext & Progress;

/** A report whose rows are coming: all that is told beside them is known when they have come. */
export interface Running extends Pick<Answer, 'report' | 'texts' | 'notes'> {
  /** To be read to their end, once; never more in memory than one of them, and what sorting needs. */
  chunks: AsyncGenerator<Row[]>;
  end(): Promise<Pick<Answer, 'total' | 'totals' | 'seconds' | 'rowsRead'>>;
}

/**
 * Runs a report: bind, sort, page, count.
 * @throws WattduckError (usage) for bad parameters and for several currencies in one answer.
 */
export async function runReport(engine: Engine, report: Report, given: Given, context: RunContext): Promise<Answer> {
  const { texts, notes, chunks, end } = await startReport(engine, report, given, context);
  const rows: Row[][] = [];
  for await (const some of chunks) rows.push(some);
  return { report, texts, notes, rows: rows.flat(), ...(await end()) };
}

/**
 * Begins to run a report; its faults are told before the first rows are.
 * @param all every row there is, without pages
 * @throws WattduckError (usage) as {@link runReport} does, and for paging where all rows are asked for.
 */
export async function startReport(
  engine: Engine,
  report: Report,
  given: Given,
  context: RunContext,
  all = false,
): Promise<Running> {
  const paging = all ? ['limit', 'take', 'skip'].find((name) => given[name] !== undefined) : undefined;
  if (paging) throw new WattduckError('usage', clipped`${context.label(paging)} does not go with all rows`);
  const bound = await bind(engine, report.parameters, given, context);
  const { texts } = bound;
  const started = performance.now();
  const said = async <T>(work: () => Promise<T>): Promise<T> =>
    work().catch((error: unknown) => {
      throw faultOf(error, context);
    });
  const { bindings, notes } = await said(() => makeReady(engine, report, bound, context));
  const facts = await said(() => factsOf(engine, report, bindings));
  let [answered, beside]: [number, Row | undefined] = [0, undefined];
  const inOne = report.grouped && !all;
  async function* chunks(): AsyncGenerator<Row[]> {
    try {
      const sql = inOne
        ? wholeSql(report, texts)
        : `${asReport(report)} ${orderedSql(report, texts)}${all ? '' : page(report, texts)}`;
      for await (const chunk of engine.chunks(sql, bindings)) {
        beside ??= besideOf(chunk);
        const rows = inOne ? rowsIn(chunk) : chunk;
        answered += rows.length;
        if (rows.length > 0) yield rows;
      }
      if (answered === 0) await refuseMissing(engine, report, texts, bindings);
    } catch (error) {
      throw faultOf(error, context);
    }
  }
  const rest = (): ReturnType<Running['end']> =>
    said(async () => {
      const { [countName]: counted, ...sums } = beside ?? {};
      const total = inOne
        ? Number(counted)
        : all
          ? answered
          : await countRows(engine, report, texts, answered, bindings);
      const totals = inOne ? sumsOf(sums) : await totalsOf(engine, report, bindings);
      const seconds = (performance.now() - started) / 1000;
      return {
        total,
        totals: { ...totals, ...facts },
        seconds,
        rowsRead: report.answer.shape === 'tinybird' ? await rowsOf(engine, report.tables) : 0,
      };
    });
  let ended: ReturnType<Running['end']> | undefined;
  return { report, texts, notes, chunks: chunks(), end: () => (ended ??= rest()) };
}

/** Writes the page of a report's rows where a DuckDB `copy … to` can. @param target a file, and options */
export async function reportInto(
  engine: Engine,
  report: Report,
  given: Given,
  context: RunContext,
  target: string,
): Promise<void> {
  const bound = await bind(engine, report.parameters, given, context);
  const { texts } = bound;
  try {
    const { bindings } = await makeReady(engine, report, bound, context);
    await factsOf(engine, report, bindings);
    // Nothing can be bound in a copy.
    await engine.run(
      `create or replace temp table temp.answer as ${asReport(report)} ${orderedSql(report, texts)}${page(report, texts)}`,
      bindings,
    );
    await engine.run(`copy temp.answer to ${target}`);
    const { n } = await engine.row('select count(*) as n from temp.answer');
    if (n === 0) await refuseMissing(engine, report, texts, bindings);
  } catch (error) {
    throw faultOf(error, context);
  } finally {
    await engine.run('drop table if exists temp.answer').catch(() => undefined);
  }
}

/** What a report's SQL calls and only the data can tell: the rules of segments, and what is forecast. */
async function makeReady(engine: Engine, report: Report, bound: Bound, context: RunContext): Promise<Forecasted> {
  if (report.tables.includes('customer_segments')) await learnRules(engine);
  return report.forecast
    ? forecastFor(engine, report, report.forecast.series, bound, context)
    : { bindings: bound.bindings, notes: [] };
}

function faultOf(error: unknown, context: BindContext): unknown {
  const currencies = /several currencies: ([^\n]*)/.exec(String(error))?.[1]?.split(', ').toSorted();
  if (!currencies) return duckdbFault(error, 'the database');
  return new WattduckError(
    'usage',
    clipped`the sessions chosen carry several currencies: ${currencies.join(', ')}`,
    `Choose one with ${context.label('currency')} ${currencies[0]}.`,
    error,
  );
}

async function refuseMissing(engine: Engine, report: Report, texts: Given, bindings: Bindings): Promise<void> {
  if (report.answer.shape === 'tinybird' || report.answer.missing === undefined) return;
  const { parameter, what, unless } = report.answer.missing;
  if (
    unless !== undefined &&
    (await engine.row(`${asReport(report)} ${onItsOwn(`${unless} as known`)}`, bindings))['known'] === true
  )
    return;
  throw new WattduckError(
    'not_found',
    clipped`no ${what} "${texts[parameter]}"`,
    'Names are told apart by upper and lower case.',
  );
}

const [countName, rowMark, totalMark, guardName] = ['rows in all', 'is a row', 'total ', 'guard'];

const totalsIn = ({ answer }: Report): [name: string, sql: string][] =>
  answer.shape === 'list' ? Object.entries(answer.totals) : [];

/**
 * One page, the number of rows there are in all, and the sums over all. Groups are computed once, for all three; plain rows are
 * counted by a query of its own, which reads no more than the filters need.
 * Count and sums stand in every row, and in the only one where the page is empty.
 */
function wholeSql(report: Report, texts: Given): string {
  const sums = totalsIn(report)
    .map(([name, sql]) => `, ${sql} as ${identifier(totalMark + name)}`)
    .join('');
  return `${asReport(report)}, totals as (select count(*) as ${identifier(countName)}${sums} from report),
    page as (select *, true as ${identifier(rowMark)} from report order by ${orderOf(report, texts)}${page(report, texts)})
    select totals.*, ${shown(report)}, ${identifier(rowMark)} from totals left join page on true order by ${orderOf(report, texts)}`;
}

/** What stands in every row beside it. */
const besideOf = ([first]: readonly Row[]): Row =>
  Object.fromEntries(Object.entries(first ?? {}).filter(([name]) => name === countName || name.startsWith(totalMark)));

const sumsOf = (beside: Row): Row =>
  Object.fromEntries(Object.entries(beside).map(([name, cell]) => [name.slice(totalMark.length), cell]));

/** The rows of the page, without what stands beside them. */
function rowsIn(whole: readonly Row[]): Row[] {
  const marks = [rowMark, ...Object.keys(besideOf(whole))];
  const rows = whole.filter((row) => row[rowMark] === true);
  for (const row of rows) for (const name of marks) delete row[name];
  return rows;
}

const orderedSql = (report: Report, texts: Given): string =>
  `select ${shown(report)} from report order by ${orderOf(report, texts)}`;

const shown = (report: Report): string =>
  answered(report)
    .map(({ name }) => identifier(name))
    .join(', ');

/** Closed by the key, so that pages never overlap. */
function orderOf(report: Report, texts: Given): string {
  const wanted = report.sort.split
    ? `${texts['sort_order'] === 'desc' ? '-' : ''}${texts['sort_field']}`
    : (texts['sort'] ?? report.sort.default);
  const [column, direction] = wanted.startsWith('-') ? [wanted.slice(1), 'desc'] : [wanted, 'asc'];
  return [
    `${identifier(column)} ${direction} nulls last`,
    ...report.key.map((key) => `${identifier(key)} nulls last`),
  ].join(', ');
}

function page(report: Report, texts: Given): string {
  if (report.page.kind === 'none') return '';
  if (report.page.kind === 'limit') return ` limit ${Number(texts['limit'])}`;
  return ` limit ${Number(texts['take'])} offset ${BigInt(texts['skip'] ?? 0)}`;
}

async function countRows(
  engine: Engine,
  report: Report,
  texts: Given,
  answered: number,
  bindings: Bindings,
): Promise<number> {
  const skip = Number(texts['skip'] ?? 0);
  const most = Number(texts['limit'] ?? texts['take'] ?? Infinity);
  if (answered < most && (skip === 0 || answered > 0)) return skip + answered;
  const { n } = await engine.row(`${asReport(report)} ${overAll('count(*) as n')}`, bindings);
  return Number(n);
}

async function totalsOf(engine: Engine, report: Report, bindings: Bindings): Promise<Row> {
  const totals = totalsIn(report);
  return totals.length === 0 ? {} : engine.row(`${asReport(report)} ${overAll(named(totals))}`, bindings);
}

/** What is told beside the rows; a guard is asked for its error alone. */
async function factsOf(engine: Engine, report: Report, bindings: Bindings): Promise<Row> {
  if (report.answer.shape !== 'list') return {};
  const { facts, guard } = report.answer;
  const asked = [...Object.entries(facts), ...(guard === undefined ? [] : [[guardName, guard] as [string, string]])];
  if (asked.length === 0) return {};
  const { [guardName]: _, ...told } = await engine.row(`${asReport(report)} ${onItsOwn(named(asked))}`, bindings);
  return told;
}

const named = (expressions: readonly [name: string, sql: string][]): string =>
  expressions.map(([name, sql]) => `${sql} as ${identifier(name)}`).join(', ');

/** DuckDB tells no scan counts on a closed connection: the size of the tables read is the nearest true figure. */
export async function rowsOf(engine: Engine, tables: readonly string[]): Promise<number> {
  if (tables.length === 0) return 0;
  const { n } = await engine.row(
    `select coalesce(sum(estimated_size), 0) as n from duckdb_tables()
     where database_name = 'db' and table_name in (${tables.map(literal).join(', ')})`,
  );
  return Number(n);
}
