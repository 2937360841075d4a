import type { Report, ReportColumn } from '../catalog/definitions.ts';
import type { Answer } from './run-report.ts';
import type { Cell, Row } from './values.ts';

/** The JSON document of an answer: the same from `--json` and over HTTP. */
export function toDocument(answer: Answer): Row {
  const { report, rows } = answer;
  switch (report.answer.shape) {
    case 'tinybird':
      return {
        meta: report.columns.map((column) => ({ name: column.name, type: clickhouseType(column) })),
        data: rows,
        rows: rows.length,
        rows_before_limit_at_least: answer.total,
        statistics: { elapsed: answer.seconds, rows_read: answer.rowsRead, bytes_read: bytesRead(answer) },
      };
    case 'list': {
      const echo = Object.fromEntries(report.answer.echo.map((name) => [name, answer.texts[name] ?? null]));
      const truncated = isCut(answer) ? { truncated: true } : {};
      return { ...echo, [report.answer.key]: iso(report, rows), ...answer.totals, ...truncated };
    }
    case 'object':
      return iso(report, rows)[0] ?? {};
  }
}

/** Whether more rows match than were skipped and answered. */
export const isCut = ({ total, rows, texts }: Answer): boolean => total > Number(texts['skip'] ?? 0) + rows.length;

/** Timestamps of the analytics answers are ISO 8601 in UTC. */
function iso(report: Report, rows: readonly Row[]): Row[] {
  const instants = report.columns.filter(({ type }) => type === 'TIMESTAMP').map(({ name }) => name);
  if (instants.length === 0) return [...rows];
  const convert = (cell: Cell | undefined): Cell => (typeof cell === 'string' ? `${cell.replace(' ', 'T')}Z` : null);
  return rows.map((row) => ({ ...row, ...Object.fromEntries(instants.map((name) => [name, convert(row[name])])) }));
}

const clickhouseNames: Record<string, string> = {
  VARCHAR: 'String', JSON: 'String', TIMESTAMP: 'DateTime', DATE: 'Date', BOOLEAN: 'Bool', DOUBLE: 'Float64', FLOAT: 'Float32',
  TINYINT: 'Int8', SMALLINT: 'Int16', UINTEGER: 'UInt32', INTEGER: 'Int32', BIGINT: 'Int64', HUGEINT: 'Int64', UBIGINT: 'UInt64',
};

/** ClickHouse's name of a column's type, which clients of the hosted service read. */
export function clickhouseType({ type, unit, nullable }: ReportColumn): string {
  const whole = ['BIGINT', 'HUGEINT', 'INTEGER'].includes(type);
  const name = unit === 'count' && whole ? 'UInt64' : (clickhouseNames[type] ?? (type.startsWith('DECIMAL') ? 'Float64' : 'String'));
  return nullable ? `Nullable(${name})` : name;
}

/** Width of a value of each type in memory, times the rows read: the measure the hosted service gives. */
function bytesRead({ report, rowsRead }: Answer): number {
  const width = report.columns.reduce((sum, { type }) => sum + (type === 'VARCHAR' ? 16 : 8), 0);
  return rowsRead * width;
}
