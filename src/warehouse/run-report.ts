import type { Report } from '../catalog/definitions.ts';
import { expressionsOf } from '../catalog/views.ts';
import { WattduckError } from '../errors.ts';
import { bind, type BindContext, type Given } from './binder.ts';
import { identifier, literal, type Bindings, type Engine } from './engine.ts';
import { duckdbFault } from './faults.ts';
import type { Row } from './values.ts';

/** What a report answered, before it takes the shape of a document, a table or a file. */
export interface Answer {
  report: Report;
  rows: Row[];
  /** Rows there were before paging. */
  total: number;
  /** Sums over all rows, for the shapes that carry them. */
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
    const { rows, total, totals } = await pageOf(engine, report, texts, bindings);
    const seconds = (performance.now() - started) / 1000;
    refuseMissing(report, rows, texts);
    return { report, rows, total, totals, texts, seconds, rowsRead: report.answer.shape === 'tinybird' ? await rowsRead(engine, report) : 0 };
  } catch (error) {
    const currencies = /several currencies: ([^\n]*)/.exec(String(error))?.[1]?.split(', ').toSorted();
    if (currencies) {
      throw new WattduckError('usage', `the sessions chosen carry several currencies: ${currencies.join(', ')}`,
        `Choose one with ${context.label('currency')} ${currencies[0]}.`, error);
    }
    throw duckdbFault(error, 'the database');
  }
}

function refuseMissing({ answer }: Report, rows: readonly Row[], texts: Given): void {
  if (answer.shape !== 'object' || answer.missing === undefined || rows.length > 0) return;
  const { parameter, what } = answer.missing;
  throw new WattduckError('not_found', `no ${what} "${texts[parameter]}"`, 'Names are told apart by upper and lower case.');
}

/**
 * One page, the number of rows there are in all, and the sums over all. Groups are computed once, for all three; plain rows are
 * counted by a query of its own, which reads no more than the filters need.
 */
async function pageOf(engine: Engine, report: Report, texts: Given, bindings: Bindings): Promise<Pick<Answer, 'rows' | 'total' | 'totals'>> {
  if (report.grouped) return splitWhole(await engine.rows(wholeSql(report, texts), bindings));
  const rows = await engine.rows(`${wrapped(report)} ${pagedSql(report, texts)}`, bindings);
  return { rows, total: await countRows(engine, report, texts, rows.length, bindings), totals: await totalsOf(engine, report, bindings) };
}

const [countName, rowMark, totalMark] = ['rows in all', 'is a row', 'total '];

const totalsIn = ({ answer }: Report): [name: string, sql: string][] => (answer.shape === 'list' ? Object.entries(answer.totals) : []);

/** The page beside count and sums, which stand in every row, and in the only one where the page is empty. */
function wholeSql(report: Report, texts: Given): string {
  const sums = totalsIn(report).map(([name, sql]) => `, ${sql} as ${identifier(totalMark + name)}`).join('');
  return `${wrapped(report)}, totals as (select count(*) as ${identifier(countName)}${sums} from report),
    page as (select *, true as ${identifier(rowMark)} from (${pagedSql(report, texts)}))
    select * from totals left join page on true order by ${orderOf(report, texts)}`;
}

function splitWhole(whole: readonly Row[]): Pick<Answer, 'rows' | 'total' | 'totals'> {
  const { [countName]: total, ...first } = whole[0] ?? {};
  const totals = Object.fromEntries(Object.entries(first).filter(([name]) => name.startsWith(totalMark)).map(([name, cell]) => [name.slice(totalMark.length), cell]));
  const beside = [countName, rowMark, ...Object.keys(first).filter((name) => name.startsWith(totalMark))];
  const rows = whole.filter((row) => row[rowMark] === true);
  for (const row of rows) for (const name of beside) delete row[name];
  return { rows, total: Number(total), totals };
}

/** The report between a sort and a page. */
const pagedSql = (report: Report, texts: Given): string => `select * from report order by ${orderOf(report, texts)}${page(report, texts)}`;

/** Closed by the key, so that pages never overlap. */
function orderOf(report: Report, texts: Given): string {
  const wanted = texts['sort'] ?? report.sort.default;
  const [column, direction] = wanted.startsWith('-') ? [wanted.slice(1), 'desc'] : [wanted, 'asc'];
  return [`${identifier(column)} ${direction} nulls last`, ...report.key.map((key) => `${identifier(key)} nulls last`)].join(', ');
}

const wrapped = ({ views, grouped, sql }: Report): string =>
  `with ${[...expressionsOf(views), `report as ${grouped ? 'materialized ' : ''}(${sql}\n)`].join(', ')}`;

function page(report: Report, texts: Given): string {
  if (report.page.kind === 'none') return '';
  if (report.page.kind === 'limit') return ` limit ${Number(texts['limit'])}`;
  return ` limit ${Number(texts['take'])} offset ${Number(texts['skip'])}`;
}

async function countRows(engine: Engine, report: Report, texts: Given, answered: number, bindings: Bindings): Promise<number> {
  const skip = Number(texts['skip'] ?? 0);
  const most = Number(texts['limit'] ?? texts['take'] ?? Infinity);
  if (answered < most && (skip === 0 || answered > 0)) return skip + answered;
  const { n } = await engine.row(`${wrapped(report)} select count(*) as n from report`, bindings);
  return Number(n);
}

async function totalsOf(engine: Engine, report: Report, bindings: Bindings): Promise<Row> {
  const totals = totalsIn(report);
  if (totals.length === 0) return {};
  const list = totals.map(([name, sql]) => `${sql} as ${identifier(name)}`).join(', ');
  return engine.row(`${wrapped(report)} select ${list} from report`, bindings);
}

/** DuckDB tells no scan counts on a closed connection: the size of the tables read is the nearest true figure. */
async function rowsRead(engine: Engine, report: Report): Promise<number> {
  if (report.tables.length === 0) return 0;
  const { n } = await engine.row(
    `select coalesce(sum(estimated_size), 0) as n from duckdb_tables()
     where database_name = 'db' and table_name in (${report.tables.map(literal).join(', ')})`,
  );
  return Number(n);
}
