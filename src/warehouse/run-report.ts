import type { Report } from '../catalog/definitions.ts';
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
  /** Rows of the tables the report reads. */
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
    const { rows, total } = await pageOf(engine, report, texts, bindings);
    const totals = await totalsOf(engine, report, bindings);
    const seconds = (performance.now() - started) / 1000;
    return { report, rows, total, totals, texts, seconds, rowsRead: await rowsRead(engine, report) };
  } catch (error) {
    const currencies = /several currencies: ([^\n]*)/.exec(String(error))?.[1]?.split(', ').toSorted();
    if (currencies) {
      throw new WattduckError('usage', `the sessions chosen carry several currencies: ${currencies.join(', ')}`,
        `Choose one with ${context.label('currency')} ${currencies[0]}.`, error);
    }
    throw duckdbFault(error, 'the database');
  }
}

/**
 * One page and the number of rows there are in all. Groups are computed once, for both; plain rows are counted by a query
 * of its own, which reads no more than the filters need.
 */
async function pageOf(engine: Engine, report: Report, texts: Given, bindings: Bindings): Promise<Pick<Answer, 'rows' | 'total'>> {
  if (!report.grouped) {
    const rows = await engine.rows(pagedSql(report, texts, '*'), bindings);
    return { rows, total: await countRows(engine, report, texts, rows.length, bindings) };
  }
  const rows = await engine.rows(pagedSql(report, texts, `*, (select count(*) from report) as ${identifier(countName)}`), bindings);
  const total = rows[0] ? Number(rows[0][countName]) : await countRows(engine, report, texts, 0, bindings);
  for (const row of rows) delete row[countName];
  return { rows, total };
}

const countName = 'rows in all';

/** The report between a sort, closed by the key so that pages never overlap, and a page. */
function pagedSql(report: Report, texts: Given, list: string): string {
  const wanted = texts['sort'] ?? report.sort.default;
  const [column, direction] = wanted.startsWith('-') ? [wanted.slice(1), 'desc'] : [wanted, 'asc'];
  const order = [`${identifier(column)} ${direction} nulls last`, ...report.key.map((key) => `${identifier(key)} nulls last`)];
  return `${wrapped(report)} select ${list} from report order by ${order.join(', ')}${page(report, texts)}`;
}

const wrapped = (report: Report): string => `with report as ${report.grouped ? 'materialized ' : ''}(${report.sql}\n)`;

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
  if (report.answer.shape !== 'list') return {};
  const totals = Object.entries(report.answer.totals);
  if (totals.length === 0) return {};
  const list = totals.map(([name, sql]) => `${sql} as ${identifier(name)}`).join(', ');
  return engine.row(`${wrapped(report)} select ${list} from report`, bindings);
}

/** DuckDB tells no scan counts on a closed connection: the size of the tables read is the nearest true figure. */
async function rowsRead(engine: Engine, report: Report): Promise<number> {
  const tables = engine.tablesNamed(report.sql) ?? [];
  if (tables.length === 0) return 0;
  const { n } = await engine.row(
    `select coalesce(sum(estimated_size), 0) as n from duckdb_tables()
     where database_name = 'db' and table_name in (${tables.map(literal).join(', ')})`,
  );
  return Number(n);
}
