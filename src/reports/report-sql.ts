import { beforeOf, changeOf } from '../catalog/compared-columns.ts';
import { outputColumns, type RawParameters, type Report } from '../catalog/definitions.ts';
import { reportCte } from '../catalog/views.ts';
import { identifier } from '../warehouse/duckdb.ts';
import type { Cell, Row } from '../warehouse/values.ts';
import { relativeChange } from './compare.ts';

const [rowColumn, totalPrefix, sumPrefix] = ['is on page', 'total ', 'sum of '];

/** Column with the number of all rows. */
export const countColumn = 'row count';

/** Totals of the document, and sums of the total row. */
export const totalExpressions = ({ answer, additive }: Report, hasTotal: boolean): [name: string, sql: string][] => [
  ...(answer.shape === 'list' ? Object.entries(answer.totals) : []),
  ...(hasTotal ? additive.map((name): [string, string] => [sumPrefix + name, `sum(${identifier(name)})`]) : []),
];

/** Separates the totals of the document from the sums of the total row, and adds the changes of these. */
export function splitTotals(report: Report, all: Row, hasTotal: boolean): { totals: Row; totalRow: Row | undefined } {
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
      ? [[changeOf(name), relativeChange(valueOf(name), valueOf(beforeOf(name)))] as [string, Cell]]
      : []),
  ]);
  return { totals, totalRow: Object.fromEntries(row) };
}

/**
 * One query for the page, the number of all rows and their totals, so that groups are computed once. Count and totals are
 * repeated in every row; an empty page has one row with them. Ungrouped reports are counted by a separate, cheaper query.
 */
export function pagedSql(report: Report, rawValues: RawParameters, hasTotal: boolean): string {
  const sums = totalExpressions(report, hasTotal)
    .map(([name, sql]) => `, ${sql} as ${identifier(totalPrefix + name)}`)
    .join('');
  return `${reportCte(report)}, totals as (select count(*) as ${identifier(countColumn)}${sums} from report),
    page as (select *, true as ${identifier(rowColumn)} from report order by ${orderBy(report, rawValues, 'report')}${limitClause(report, rawValues)})
    select totals.*, ${columnList(report)}, ${identifier(rowColumn)} from totals left join page on true order by ${orderBy(report, rawValues, 'page')}`;
}

/** Count and totals, which every row repeats. */
export const summaryOf = ([first]: readonly Row[]): Row =>
  Object.fromEntries(
    Object.entries(first ?? {}).filter(([name]) => name === countColumn || name.startsWith(totalPrefix)),
  );

/** The totals of a row of the page. */
export const stripTotalPrefix = (summary: Row): Row =>
  Object.fromEntries(Object.entries(summary).map(([name, cell]) => [name.slice(totalPrefix.length), cell]));

/** The rows of the page, without count and totals. */
export function pageRows(allRows: readonly Row[]): Row[] {
  const extraColumns = [rowColumn, ...Object.keys(summaryOf(allRows))];
  const rows = allRows.filter((row) => row[rowColumn] === true);
  for (const row of rows) for (const name of extraColumns) delete row[name];
  return rows;
}

/** All rows in order. */
export const orderedSql = (report: Report, rawValues: RawParameters): string =>
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

/** The end of a select that returns one page. */
export function limitClause(report: Report, rawValues: RawParameters): string {
  if (report.page.kind === 'none') return '';
  if (report.page.kind === 'limit') return ` limit ${Number(rawValues['limit'])}`;
  return ` limit ${Number(rawValues['take'])} offset ${BigInt(rawValues['skip'] ?? 0)}`;
}

/** Expressions with their names, for a select. */
export const selectList = (expressions: readonly [name: string, sql: string][]): string =>
  expressions.map(([name, sql]) => `${sql} as ${identifier(name)}`).join(', ');
