import { answered, type Report } from '../catalog/definitions.ts';
import { asReport, onItsOwn, overAll } from '../catalog/views.ts';
import { WattduckError } from '../errors.ts';
import { bind, type BindContext, type Given } from './binder.ts';
import { identifier, literal, type Engine } from './engine.ts';
import { duckdbFault } from './faults.ts';
import type { Bindings } from './link.ts';
import { learnRules } from './segment-rules.ts';
import type { Row } from './values.ts';

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
}

/**
 * Runs a report: bind, sort, page, count.
 * @throws WattduckError (usage) for bad parameters and for several currencies in one answer.
 */
export async function runReport(engine: Engine, report: Report, given: Given, context: BindContext): Promise<Answer> {
  const { bindings, texts } = await bind(engine, report.parameters, given, context);
  const started = performance.now();
  try {
    await makeReady(engine, report);
    const facts = await factsOf(engine, report, bindings);
    const { rows, total, totals } = await pageOf(engine, report, texts, bindings);
    const seconds = (performance.now() - started) / 1000;
    if (rows.length === 0) await refuseMissing(engine, report, texts, bindings);
    return { report, rows, total, totals: { ...totals, ...facts }, texts, seconds, rowsRead: report.answer.shape === 'tinybird' ? await rowsRead(engine, report) : 0 };
  } catch (error) {
    throw faultOf(error, context);
  }
}

/**
 * All rows of a report in their order, chunk by chunk: never more in memory than one of them, and what sorting needs.
 * @throws WattduckError (usage) as {@link runReport} does, and for paging, of which there is none.
 */
export async function* streamReport(engine: Engine, report: Report, given: Given, context: BindContext): AsyncGenerator<Row[]> {
  const paging = ['limit', 'take', 'skip'].find((name) => given[name] !== undefined);
  if (paging) throw new WattduckError('usage', `${context.label(paging)} does not go with all rows`);
  const { bindings, texts } = await bind(engine, report.parameters, given, context);
  try {
    await makeReady(engine, report);
    await factsOf(engine, report, bindings);
    let some = false;
    for await (const rows of engine.chunks(`${asReport(report)} ${orderedSql(report, texts)}`, bindings)) {
      some = true;
      yield rows;
    }
    if (!some) await refuseMissing(engine, report, texts, bindings);
  } catch (error) {
    throw faultOf(error, context);
  }
}

/** What a report's SQL calls and only the data can tell. */
async function makeReady(engine: Engine, { tables }: Report): Promise<void> {
  if (tables.includes('customer_segments')) await learnRules(engine);
}

function faultOf(error: unknown, context: BindContext): unknown {
  const currencies = /several currencies: ([^\n]*)/.exec(String(error))?.[1]?.split(', ').toSorted();
  if (!currencies) return duckdbFault(error, 'the database');
  return new WattduckError('usage', `the sessions chosen carry several currencies: ${currencies.join(', ')}`,
    `Choose one with ${context.label('currency')} ${currencies[0]}.`, error);
}

async function refuseMissing(engine: Engine, report: Report, texts: Given, bindings: Bindings): Promise<void> {
  if (report.answer.shape === 'tinybird' || report.answer.missing === undefined) return;
  const { parameter, what, unless } = report.answer.missing;
  if (unless !== undefined && (await engine.row(`${asReport(report)} ${onItsOwn(`${unless} as known`)}`, bindings))['known'] === true) return;
  throw new WattduckError('not_found', `no ${what} "${texts[parameter]}"`, 'Names are told apart by upper and lower case.');
}

/**
 * One page, the number of rows there are in all, and the sums over all. Groups are computed once, for all three; plain rows are
 * counted by a query of its own, which reads no more than the filters need.
 */
async function pageOf(engine: Engine, report: Report, texts: Given, bindings: Bindings): Promise<Pick<Answer, 'rows' | 'total' | 'totals'>> {
  if (report.grouped) return splitWhole(await engine.rows(wholeSql(report, texts), bindings));
  const rows = await engine.rows(`${asReport(report)} ${orderedSql(report, texts)}${page(report, texts)}`, bindings);
  return { rows, total: await countRows(engine, report, texts, rows.length, bindings), totals: await totalsOf(engine, report, bindings) };
}

const [countName, rowMark, totalMark, guardName] = ['rows in all', 'is a row', 'total ', 'guard'];

const totalsIn = ({ answer }: Report): [name: string, sql: string][] => (answer.shape === 'list' ? Object.entries(answer.totals) : []);

/** The page beside count and sums, which stand in every row, and in the only one where the page is empty. */
function wholeSql(report: Report, texts: Given): string {
  const sums = totalsIn(report).map(([name, sql]) => `, ${sql} as ${identifier(totalMark + name)}`).join('');
  return `${asReport(report)}, totals as (select count(*) as ${identifier(countName)}${sums} from report),
    page as (select *, true as ${identifier(rowMark)} from report order by ${orderOf(report, texts)}${page(report, texts)})
    select totals.*, ${shown(report)}, ${identifier(rowMark)} from totals left join page on true order by ${orderOf(report, texts)}`;
}

function splitWhole(whole: readonly Row[]): Pick<Answer, 'rows' | 'total' | 'totals'> {
  const { [countName]: total, ...first } = whole[0] ?? {};
  const totals = Object.fromEntries(Object.entries(first).filter(([name]) => name.startsWith(totalMark)).map(([name, cell]) => [name.slice(totalMark.length), cell]));
  const beside = [countName, rowMark, ...Object.keys(first).filter((name) => name.startsWith(totalMark))];
  const rows = whole.filter((row) => row[rowMark] === true);
  for (const row of rows) for (const name of beside) delete row[name];
  return { rows, total: Number(total), totals };
}

const orderedSql = (report: Report, texts: Given): string => `select ${shown(report)} from report order by ${orderOf(report, texts)}`;

const shown = (report: Report): string => answered(report).map(({ name }) => identifier(name)).join(', ');

/** Closed by the key, so that pages never overlap. */
function orderOf(report: Report, texts: Given): string {
  const wanted = report.sort.split ? `${texts['sort_order'] === 'desc' ? '-' : ''}${texts['sort_field']}` : (texts['sort'] ?? report.sort.default);
  const [column, direction] = wanted.startsWith('-') ? [wanted.slice(1), 'desc'] : [wanted, 'asc'];
  return [`${identifier(column)} ${direction} nulls last`, ...report.key.map((key) => `${identifier(key)} nulls last`)].join(', ');
}

function page(report: Report, texts: Given): string {
  if (report.page.kind === 'none') return '';
  if (report.page.kind === 'limit') return ` limit ${Number(texts['limit'])}`;
  return ` limit ${Number(texts['take'])} offset ${Number(texts['skip'])}`;
}

async function countRows(engine: Engine, report: Report, texts: Given, answered: number, bindings: Bindings): Promise<number> {
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

const named = (expressions: readonly [name: string, sql: string][]): string => expressions.map(([name, sql]) => `${sql} as ${identifier(name)}`).join(', ');

/** DuckDB tells no scan counts on a closed connection: the size of the tables read is the nearest true figure. */
async function rowsRead(engine: Engine, report: Report): Promise<number> {
  if (report.tables.length === 0) return 0;
  const { n } = await engine.row(
    `select coalesce(sum(estimated_size), 0) as n from duckdb_tables()
     where database_name = 'db' and table_name in (${report.tables.map(literal).join(', ')})`,
  );
  return Number(n);
}
