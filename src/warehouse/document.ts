import { answered, type AnswerShape, type Report, type ReportColumn } from '../catalog/definitions.ts';
import type { Answer } from './run-report.ts';
import type { Cell, Row } from './values.ts';

/** The JSON document of an answer: the same from `--json` and over HTTP. */
export function toDocument(answer: Answer): Row {
  const { report, rows } = answer;
  switch (report.answer.shape) {
    case 'tinybird':
      return {
        meta: answered(report).map((column) => ({ name: column.name, type: clickhouseType(column) })),
        data: rows,
        rows: rows.length,
        rows_before_limit_at_least: answer.total,
        statistics: { elapsed: answer.seconds, rows_read: answer.rowsRead, bytes_read: bytesRead(answer) },
      };
    case 'list': {
      const { echo, key, count } = report.answer;
      const truncated = isCut(answer);
      const beside = count === undefined ? { ...answer.totals, ...(truncated ? { truncated } : {}) } : { [count]: answer.total, truncated, ...answer.totals };
      return { ...echoed(answer, echo), [key]: rows.map((row) => written(report, row)), ...beside };
    }
    case 'object':
      return { ...echoed(answer, report.answer.echo), ...whole(report, report.answer, rows.map((row) => written(report, row))) };
  }
}

/** The first row as one object; what is nested or listed stands in the place of its first column. */
function whole(report: Report, { nest, list }: Extract<AnswerShape, { shape: 'object' }>, rows: readonly Row[]): Row {
  const first = rows[0] ?? {};
  const parts = Object.entries(nest).map(([key, from]) => ({ key, columns: Object.values(from), value: picked(first, from) as Cell }));
  if (list) {
    const own = Object.fromEntries(list.columns.map((column) => [column, column]));
    parts.push({ ...list, value: rows.filter((row) => row[list.columns[0]!] !== null).map((row) => picked(row, own)) });
  }
  return Object.fromEntries(answered(report).map(({ name }): [string, Cell] => {
    const part = parts.find((each) => each.columns.includes(name));
    return part ? [part.key, part.value] : [name, first[name] ?? null];
  }));
}

const echoed = ({ texts }: Answer, names: readonly string[]): Row => Object.fromEntries(names.map((name) => [name, texts[name] ?? null]));

const picked = (row: Row, columns: Record<string, string>): Row => Object.fromEntries(Object.entries(columns).map(([key, column]) => [key, row[column] ?? null]));

/** Whether more rows match than were skipped and answered. */
export const isCut = ({ total, rows, texts }: Answer): boolean => total > Number(texts['skip'] ?? 0) + rows.length;

/** A row as the document has it. */
export const inDocument = (report: Report, row: Row): Row => (report.answer.shape === 'tinybird' ? row : written(report, row));

/** A row as the analytics answers have it: timestamps in ISO 8601, UTC, and whole numbers for texts that are some. */
function written({ columns }: Report, row: Row): Row {
  const changed = columns.filter(({ type, numeric }) => type === 'TIMESTAMP' || numeric);
  const cell = (value: Cell | undefined, isTime: boolean): Cell => {
    if (typeof value !== 'string') return value ?? null;
    if (isTime) return `${value.replace(' ', 'T')}Z`;
    return /^(0|[1-9]\d{0,14})$/.test(value) ? Number(value) : value;
  };
  return { ...row, ...Object.fromEntries(changed.map(({ name, type }) => [name, cell(row[name], type === 'TIMESTAMP')])) };
}

const clickhouseNames: Record<string, string> = {
  VARCHAR: 'String', JSON: 'JSON', TIMESTAMP: 'DateTime', DATE: 'Date', BOOLEAN: 'Bool', DOUBLE: 'Float64', FLOAT: 'Float32',
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
  const width = answered(report).reduce((sum, { type }) => sum + (type === 'VARCHAR' ? 16 : 8), 0);
  return rowsRead * width;
}
