import {
  answered as answeredColumns,
  optionalIn,
  type AnswerShape,
  type Given,
  type Report,
  type ReportColumn,
} from '../catalog/definitions.ts';
import type { Cell, Row } from '../warehouse/values.ts';
import type { Answer, Running } from './run-report.ts';

/** What stands before the rows of a document, the name they stand under, and what stands after them. */
interface Frame {
  before: Row;
  key: string;
  record(row: Row): Row;
  after(answer: Beside): Row;
}

/** What of an answer a document tells. */
type Told = Omit<Answer, 'notes'>;

/** All of it beside its rows, and how many those were. */
type Beside = Omit<Told, 'rows'> & { answered: number };

/** The JSON document of an answer: the same from `--json` and over HTTP. */
export function toDocument(answer: Told, shape: AnswerShape = answer.report.answer): Row {
  const { report, rows, texts } = answer;
  if (shape.shape === 'object')
    return {
      ...echoed(texts, shape.echo),
      ...whole(
        report,
        shape,
        rows.map((row) => written(report, row)),
      ),
    };
  const { before, key, record, after } = frameOf(report, shape, texts);
  return { ...before, [key]: rows.map(record), ...after({ ...answer, answered: rows.length }) };
}

/**
 * The text of the same document as its rows come, never all of them in memory; nothing before the first are there.
 * @param shape the report's own, unless it is asked for in another
 */
export async function* documentText(
  running: Running,
  shape: AnswerShape = running.report.answer,
): AsyncGenerator<string> {
  const { report, texts, chunks } = running;
  if (shape.shape === 'object') {
    const rows: Row[] = [];
    for await (const some of chunks) rows.push(...some);
    yield `${JSON.stringify(toDocument({ report, texts, rows, ...(await running.end()) }, shape), null, 2)}\n`;
    return;
  }
  const { before, key, record, after } = frameOf(report, shape, texts);
  yield* framedText(
    { before, key, record, after: async (answered) => after({ report, texts, answered, ...(await running.end()) }) },
    chunks,
  );
}

/** A document's rows as they come, with what stands before and after them. */
export interface Framed extends Pick<Frame, 'before' | 'key' | 'record'> {
  after(answered: number): Promise<Row>;
}

/** The text of a document as its rows come; nothing before the first are there. */
export async function* framedText(
  { before, key, record, after }: Framed,
  chunks: AsyncIterable<Row[]>,
): AsyncGenerator<string> {
  const head = Object.keys(before).length > 0 ? `${JSON.stringify(before, null, 2).slice(0, -2)},` : '{';
  const opening = `${head}\n  ${JSON.stringify(key)}: [`;
  let answered = 0;
  for await (const rows of chunks) {
    const written = rows.map((row) => `\n    ${JSON.stringify(record(row), null, 2).replaceAll('\n', '\n    ')}`);
    yield (answered === 0 ? opening : ',') + written.join(',');
    answered += rows.length;
  }
  const tail = await after(answered);
  const rest = Object.keys(tail).length > 0 ? `,${JSON.stringify(tail, null, 2).slice(1)}\n` : '\n}\n';
  yield `${answered === 0 ? opening : '\n  '}]${rest}`;
}

function frameOf(report: Report, shape: Exclude<AnswerShape, { shape: 'object' }>, texts: Given): Frame {
  if (shape.shape === 'list') {
    const { echo, key, count } = shape;
    return {
      before: echoed(texts, echo),
      key,
      record: (row) => written(report, row),
      after: ({ answered, total, totals }) => {
        const truncated = isBeyond(total, texts, answered);
        return count === undefined
          ? { ...totals, ...(truncated ? { truncated } : {}) }
          : { [count]: total, truncated, ...totals };
      },
    };
  }
  return {
    before: { meta: metaOf(answeredColumns(report)) },
    key: 'data',
    record: (row) => row,
    after: ({ answered, total, seconds, rowsRead }) => ({
      rows: answered,
      rows_before_limit_at_least: total,
      statistics: { elapsed: seconds, rows_read: rowsRead, bytes_read: bytesOf(answeredColumns(report), rowsRead) },
    }),
  };
}

/** Columns as clients of the hosted service read them. */
export const metaOf = (
  columns: readonly (Partial<ReportColumn> & Pick<ReportColumn, 'name' | 'type'>)[],
): { name: string; type: string }[] => columns.map((column) => ({ name: column.name, type: clickhouseType(column) }));

/** The first row as one object; what is nested or listed stands in the place of its first column. */
function whole(report: Report, { nest, list }: Extract<AnswerShape, { shape: 'object' }>, rows: readonly Row[]): Row {
  const optional = optionalIn(report);
  const first = rows[0] ?? {};
  const parts = Object.entries(nest).map(([key, from]) => ({
    key,
    columns: Object.values(from),
    value: picked(first, from, optional) as Cell,
  }));
  if (list) {
    const mark = list.columns.find((column) => !optional.includes(column))!;
    const own = Object.fromEntries(list.columns.map((column) => [column, column]));
    parts.push({
      ...list,
      value: rows.filter((row) => (row[mark] ?? null) !== null).map((row) => picked(row, own, optional)),
    });
  }
  const own = Object.fromEntries(answeredColumns(report).map(({ name }) => [name, name]));
  return Object.fromEntries(
    Object.entries(
      picked(
        first,
        own,
        optional.filter((name) => !parts.some(({ columns }) => columns.includes(name))),
      ),
    ).map(([name, cell]): [string, Cell] => {
      const part = parts.find((each) => each.columns.includes(name));
      return part ? [part.key, part.value] : [name, cell];
    }),
  );
}

const echoed = (texts: Given, names: readonly string[]): Row =>
  Object.fromEntries(names.map((name) => [name, texts[name] ?? null]));

/** Columns of a row under keys of their own; the optional ones where they are something. */
const picked = (row: Row, columns: Record<string, string>, optional: readonly string[]): Row =>
  Object.fromEntries(
    Object.entries(columns)
      .filter(([, column]) => !optional.includes(column) || (row[column] ?? null) !== null)
      .map(([key, column]) => [key, row[column] ?? null]),
  );

/** Whether more rows match than were skipped and answered. */
export const isCut = ({ total, rows, texts }: Told): boolean => isBeyond(total, texts, rows.length);

export const isBeyond = (total: number, texts: Given, answered: number): boolean =>
  total > Number(texts['skip'] ?? 0) + answered;

/** A row as the document has it. */
export const inDocument = (report: Report, row: Row, { shape }: AnswerShape = report.answer): Row =>
  shape === 'tinybird' ? row : written(report, row);

/** A row as the analytics answers have it: timestamps in ISO 8601, UTC, whole numbers for texts that are some, and no optional column that is null. */
function written(report: Report, row: Row): Row {
  const { columns } = report;
  const changed = columns.filter(({ type, numeric }) => type === 'TIMESTAMP' || numeric);
  const cell = (value: Cell | undefined, isTime: boolean): Cell => {
    if (typeof value !== 'string') return value ?? null;
    if (isTime) return `${value.replace(' ', 'T')}Z`;
    return /^(0|[1-9]\d{0,14})$/.test(value) ? Number(value) : value;
  };
  const whole = {
    ...row,
    ...Object.fromEntries(changed.map(({ name, type }) => [name, cell(row[name], type === 'TIMESTAMP')])),
  };
  const optional = optionalIn(report);
  return optional.length === 0
    ? whole
    : picked(whole, Object.fromEntries(Object.keys(whole).map((name) => [name, name])), optional);
}

const clickhouseNames: Record<string, string> = {
  VARCHAR: 'String',
  JSON: 'JSON',
  TIMESTAMP: 'DateTime',
  DATE: 'Date',
  BOOLEAN: 'Bool',
  DOUBLE: 'Float64',
  FLOAT: 'Float32',
  TINYINT: 'Int8',
  SMALLINT: 'Int16',
  UINTEGER: 'UInt32',
  INTEGER: 'Int32',
  BIGINT: 'Int64',
  HUGEINT: 'Int64',
  UBIGINT: 'UInt64',
  UTINYINT: 'UInt8',
  USMALLINT: 'UInt16',
  'TIMESTAMP WITH TIME ZONE': 'DateTime',
  UUID: 'UUID',
};

/** ClickHouse's name of a column's type, which clients of the hosted service read. */
export function clickhouseType({ type, unit, nullable }: Partial<ReportColumn> & Pick<ReportColumn, 'type'>): string {
  if (type.endsWith('[]')) return `Array(${clickhouseType({ type: type.slice(0, -2) })})`;
  const whole = ['BIGINT', 'HUGEINT', 'INTEGER'].includes(type);
  const name =
    unit === 'count' && whole
      ? 'UInt64'
      : (clickhouseNames[type] ?? (type.startsWith('DECIMAL') ? 'Float64' : 'String'));
  return nullable ? `Nullable(${name})` : name;
}

/** Width of a value of each type in memory, times the rows: the measure the hosted service gives. */
export const bytesOf = (columns: readonly Pick<ReportColumn, 'type'>[], rows: number): number =>
  rows * columns.reduce((sum, { type }) => sum + (type === 'VARCHAR' ? 16 : 8), 0);
