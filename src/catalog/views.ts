import type { NamedType } from './catalog-database.ts';
import type { Parameter, Report, ReportColumn, View } from './definitions.ts';
import type { SqlFile } from './front-matter.ts';
import { quoted } from './safe-expression.ts';

/** Name of the view that contains the issues of all rules. */
export const foundIssues = 'found_issues';

/** Columns of every rule, in this order. */
export const ruleColumns: readonly NamedType[] = [
  { name: 'type', type: 'VARCHAR' },
  { name: 'severity', type: 'VARCHAR' },
  { name: 'station_id', type: 'VARCHAR' },
  { name: 'connector_id', type: 'VARCHAR' },
  { name: 'session_id', type: 'VARCHAR' },
  { name: 'created_at', type: 'TIMESTAMP' },
  { name: 'resolved_at', type: 'TIMESTAMP' },
  { name: 'description', type: 'VARCHAR' },
];

/** View over all rules; column `rule` has the name of the rule. */
export function unionOfRules(rules: readonly View[]): View {
  const columns = ruleColumns.map(({ name }) => name).join(', ');
  const nullColumns = ruleColumns.map(({ name, type }) => `null::${type} as ${name}`).join(', ');
  const selects = rules.map(({ name }) => `select '${name}' as rule, ${columns} from ${name}`);
  return {
    name: foundIssues,
    path: 'sql/rules',
    title: 'Issues found',
    description: 'All issues the rules find in the imported data.',
    details: [],
    parameters: parametersOf(rules),
    views: [...rules],
    columns: [],
    outputColumns: [{ name: 'rule', type: 'VARCHAR' }, ...ruleColumns],
    inline: false,
    sql:
      selects.length > 0 ? selects.join('\nunion all\n') : `select null::varchar as rule, ${nullColumns} where false`,
  };
}

/** These views and all views they read, each once and after the views it reads. */
export function topologicalOrder(views: readonly View[]): View[] {
  const ordered: View[] = [];
  for (const view of views) {
    for (const each of [...topologicalOrder(view.views), view])
      if (!ordered.some(({ name }) => name === each.name)) ordered.push(each);
  }
  return ordered;
}

/** Parameters of views, each once. */
export const parametersOf = (views: readonly View[]): Parameter[] => [
  ...new Map(views.flatMap(({ parameters }) => parameters).map((parameter) => [parameter.name, parameter])).values(),
];

/** Views of notes, and the cheaper views without which they have no rows. */
export const withConditions = (notes: readonly View[]): View[] =>
  notes.flatMap((view) => (view.when ? [view, view.when] : [view]));

/**
 * SQL with its bound on the time of events in place of `$scan_from`.
 * @param scanFrom expression; without one, all events are read
 */
export const withScanFrom = (sql: string, scanFrom: string | undefined): string =>
  sql.replaceAll(scanFromPattern, () => (scanFrom === undefined ? 'null::timestamp' : `(${scanFrom})`));
const scanFromPattern = /\$scan_from::timestamp\b/g;

/** Whether a view, or one that it reads, has a bound on the time of events. */
export const readsScanFrom = (views: readonly View[]): boolean =>
  topologicalOrder(views).some(({ sql }) => sql.search(scanFromPattern) >= 0);

/** CTEs of views, for a `with` clause. @param scanFrom bound on the time of events; see {@link Report.scanFrom} */
export const viewCtes = (views: readonly View[], scanFrom?: string): string[] =>
  topologicalOrder(views).map(
    ({ name, inline, sql }) => `${name} as ${inline ? 'not materialized ' : ''}(${withScanFrom(sql, scanFrom)}\n)`,
  );

/** A `with` clause with the views of a report and the report itself as the CTE `report`, with rounded values. */
export const reportCte = ({
  views,
  grouped,
  sql,
  columns = [],
  scanFrom,
}: Pick<Report, 'views' | 'grouped' | 'sql' | 'scanFrom'> & Partial<Pick<Report, 'columns'>>): string =>
  `with ${[...viewCtes(views, scanFrom), `report as ${grouped ? 'materialized ' : ''}(${roundedSql(withScanFrom(sql, scanFrom), columns)}\n)`].join(', ')}`;

/** Decimals of averages and other computed values by unit. Sums and stored amounts are decimals and keep their scale. */
const decimalsByUnit: Readonly<Record<string, number>> = {
  kWh: 3,
  minutes: 3,
  currency: 4,
  share: 6,
  percent: 3,
  kW: 6,
  Wh: 6,
  seconds: 6,
};

/** Rounded in the select, so that order, pages, totals and all formats agree. */
function roundedSql(sql: string, columns: readonly ReportColumn[]): string {
  const decimalsOf = ({ type, unit }: ReportColumn): number | undefined =>
    type === 'DOUBLE' ? decimalsByUnit[unit ?? ''] : undefined;
  if (columns.every((column) => decimalsOf(column) === undefined)) return sql;
  const list = columns.map((column) => {
    const [name, decimals] = [quoted(column.name), decimalsOf(column)];
    return decimals === undefined ? name : `round(${name}, ${decimals}) as ${name}`;
  });
  return `select ${list.join(', ')} from (${sql}\n) as computed`;
}

/** Select over all rows of a report; follows {@link reportCte}. */
export const selectFromReport = (list: string): string => `select ${list} from report`;
/** Select of scalar expressions; follows {@link reportCte}. */
export const selectScalar = (list: string): string => `select ${list}`;

/** The select of a file, preceded by its views; errors keep the line numbers of the file. @param scanFrom see {@link viewCtes} */
export function withViews(file: SqlFile, views: readonly View[], scanFrom?: string): SqlFile {
  const sql = withScanFrom(file.sql, scanFrom);
  if (views.length === 0) return { ...file, sql };
  const prefix = `with ${viewCtes(views, scanFrom).join(', ')} select * from (`;
  return { ...file, sql: `${prefix}${sql}\n)`, sqlLine: file.sqlLine - (prefix.split('\n').length - 1) };
}
