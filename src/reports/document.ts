import {
  listFields,
  optionalColumns,
  outputColumns,
  type AnswerShape,
  type Parameter,
  type RawParameters,
  type Report,
  type ReportColumn,
} from '../catalog/definitions.ts';
import { findRole, hasPeriod } from '../catalog/period-parameters.ts';
import type { Cell, Row } from '../warehouse/values.ts';
import type { Answer, ReportStream } from './run-report.ts';

/** A document around its rows: the fields before them, their key, and the fields after them. */
interface DocumentFrame {
  before: Row;
  key: string;
  record(row: Row): Row;
  after(answer: AnswerTrailer): Row;
}

/** The part of an answer that a document contains. */
type AnswerData = Omit<Answer, 'notes' | 'zone'>;

/** The same without the rows, but with their number. */
type AnswerTrailer = Omit<AnswerData, 'rows'> & { rowCount: number };

/** The JSON document of an answer, the same for `--json` and HTTP. */
export function toDocument(answer: AnswerData, shape: AnswerShape = answer.report.answer): Row {
  const { report, rows, rawValues, totals } = answer;
  if (shape.shape === 'object')
    return {
      ...echoParameters(rawValues, shape.echo),
      ...buildObject(
        report,
        shape,
        (rows.length > 0 ? rows : [totals]).map((row) => toApiRow(report, row)),
      ),
      ...echoZone(report, rawValues),
    };
  const { before, key, record, after } = documentFrame(report, shape, rawValues);
  return { ...before, [key]: rows.map(record), ...after({ ...answer, rowCount: rows.length }) };
}

/**
 * Streams the text of the same document; yields nothing before the first rows.
 * @param shape shape of the document; the shape of the report by default
 */
export async function* documentText(
  stream: ReportStream,
  shape: AnswerShape = stream.report.answer,
): AsyncGenerator<string> {
  const { report, rawValues, chunks } = stream;
  if (shape.shape === 'object') {
    const rows: Row[] = [];
    for await (const chunk of chunks) rows.push(...chunk);
    yield `${JSON.stringify(toDocument({ report, rawValues, rows, ...(await stream.end()) }, shape), null, 2)}\n`;
    return;
  }
  const { before, key, record, after } = documentFrame(report, shape, rawValues);
  yield* framedText(
    { before, key, record, after: async (rowCount) => after({ report, rawValues, rowCount, ...(await stream.end()) }) },
    chunks,
  );
}

/** A document frame whose last fields are known only after the rows. */
export interface AsyncDocumentFrame extends Pick<DocumentFrame, 'before' | 'key' | 'record'> {
  after(rowCount: number): Promise<Row>;
}

/** Streams the text of a document; yields nothing before the first rows. */
export async function* framedText(
  { before, key, record, after }: AsyncDocumentFrame,
  chunks: AsyncIterable<Row[]>,
): AsyncGenerator<string> {
  const head = Object.keys(before).length > 0 ? `${JSON.stringify(before, null, 2).slice(0, -2)},` : '{';
  const opening = `${head}\n  ${JSON.stringify(key)}: [`;
  let rowCount = 0;
  for await (const rows of chunks) {
    const rowTexts = rows.map((row) => `\n    ${JSON.stringify(record(row), null, 2).replaceAll('\n', '\n    ')}`);
    yield (rowCount === 0 ? opening : ',') + rowTexts.join(',');
    rowCount += rows.length;
  }
  const tail = await after(rowCount);
  const rest = Object.keys(tail).length > 0 ? `,${JSON.stringify(tail, null, 2).slice(1)}\n` : '\n}\n';
  yield `${rowCount === 0 ? opening : '\n  '}]${rest}`;
}

function documentFrame(
  report: Report,
  shape: Exclude<AnswerShape, { shape: 'object' }>,
  rawValues: RawParameters,
): DocumentFrame {
  if (shape.shape === 'list') {
    const { echo, key, count } = shape;
    return {
      before: echoParameters(rawValues, echo),
      key,
      record: (row) => toApiRow(report, row),
      after: ({ rowCount, total, totals, totalRow }) => {
        const truncated = hasMoreRows(total, rawValues, rowCount);
        const added = { ...(totalRow ? { total: totalRow } : {}), ...echoZone(report, rawValues) };
        return count === undefined
          ? { ...totals, ...(truncated ? { truncated } : {}), ...added }
          : { [count]: total, truncated, ...totals, ...added };
      },
    };
  }
  return {
    before: { meta: metaOf(outputColumns(report)) },
    key: 'data',
    record: (row) => row,
    after: ({ rowCount, total, totalRow, seconds, rowsRead }) => ({
      ...(totalRow ? { total: totalRow } : {}),
      rows: rowCount,
      rows_before_limit_at_least: total,
      statistics: { elapsed: seconds, rows_read: rowsRead, bytes_read: estimateBytes(outputColumns(report), rowsRead) },
    }),
  };
}

/** Columns in the `meta` field of Tinybird, with ClickHouse types. */
export const metaOf = (
  columns: readonly (Partial<ReportColumn> & Pick<ReportColumn, 'name' | 'type'>)[],
): { name: string; type: string }[] => columns.map((column) => ({ name: column.name, type: clickhouseType(column) }));

/** The first row as an object. A nested object or list takes the position of its first column. */
function buildObject(
  report: Report,
  { nest, list }: Extract<AnswerShape, { shape: 'object' }>,
  rows: readonly Row[],
): Row {
  const optional = optionalColumns(report);
  const first = rows[0] ?? {};
  const nested = Object.entries(nest).map(([key, from]) => ({
    key,
    columns: Object.values(from),
    value: pickColumns(first, from, optional) as Cell,
  }));
  if (list) {
    const requiredColumn = list.columns.find((column) => !optional.includes(column))!;
    const columnMap = Object.fromEntries(list.columns.map((column) => [column, column]));
    nested.push({
      ...list,
      value: rows
        .filter((row) => (row[requiredColumn] ?? null) !== null)
        .map((row) => pickColumns(row, columnMap, optional)),
    });
  }
  const columnMap = Object.fromEntries(outputColumns(report).map(({ name }) => [name, name]));
  return Object.fromEntries(
    Object.entries(
      pickColumns(
        first,
        columnMap,
        optional.filter((name) => !nested.some(({ columns }) => columns.includes(name))),
      ),
    ).map(([name, cell]): [string, Cell] => {
      const part = nested.find((each) => each.columns.includes(name));
      return part ? [part.key, part.value] : [name, cell];
    }),
  );
}

const echoParameters = (rawValues: RawParameters, names: readonly string[]): Row =>
  Object.fromEntries(names.map((name) => [name, rawValues[name] ?? null]));

/** The time zone of a report's local dates or bounds, if its documents have no other field of that name. */
export function zoneParameter({ parameters, answer, columns }: Report): Parameter | undefined {
  if (answer.shape === 'tinybird') return undefined;
  const names =
    answer.shape === 'list'
      ? listFields(answer)
      : [...answer.echo, ...columns.map(({ name }) => name), ...Object.keys(answer.nest), answer.list?.key];
  const parameter = findRole({ parameters }, 'time_zone');
  const isUsed = parameter?.inSql === true || hasPeriod(parameters);
  return isUsed && !names.includes('tz') ? parameter : undefined;
}

function echoZone(report: Report, rawValues: RawParameters): Row {
  const parameter = zoneParameter(report);
  return parameter ? { tz: rawValues[parameter.name] ?? 'UTC' } : {};
}

/** Renames columns of a row to keys, without optional columns that are null. */
const pickColumns = (row: Row, columns: Record<string, string>, optional: readonly string[]): Row =>
  Object.fromEntries(
    Object.entries(columns)
      .filter(([, column]) => !optional.includes(column) || (row[column] ?? null) !== null)
      .map(([key, column]) => [key, row[column] ?? null]),
  );

/** Whether more rows match than were skipped and returned. */
export const isTruncated = ({ total, rows, rawValues }: AnswerData): boolean =>
  hasMoreRows(total, rawValues, rows.length);

export const hasMoreRows = (total: number, rawValues: RawParameters, rowCount: number): boolean =>
  total > Number(rawValues['skip'] ?? 0) + rowCount;

/** A row in the form of the document. */
export const toDocumentRow = (report: Report, row: Row, { shape }: AnswerShape = report.answer): Row =>
  shape === 'tinybird' ? row : toApiRow(report, row);

/** A row in the form of the analytics API: timestamps in ISO 8601 UTC, numeric strings as integers, optional columns only if not null. */
function toApiRow(report: Report, row: Row): Row {
  const { columns } = report;
  const convertedColumns = columns.filter(({ type, numeric }) => type === 'TIMESTAMP' || numeric);
  const convertCell = (value: Cell | undefined, isTime: boolean): Cell => {
    if (typeof value !== 'string') return value ?? null;
    if (isTime) return `${value.replace(' ', 'T')}Z`;
    return /^(0|[1-9]\d{0,14})$/.test(value) ? Number(value) : value;
  };
  const converted = {
    ...row,
    ...Object.fromEntries(
      convertedColumns.map(({ name, type }) => [name, convertCell(row[name], type === 'TIMESTAMP')]),
    ),
  };
  const optional = optionalColumns(report);
  return optional.length === 0
    ? converted
    : pickColumns(converted, Object.fromEntries(Object.keys(converted).map((name) => [name, name])), optional);
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

/** ClickHouse name of a column type, as Tinybird clients expect it. */
export function clickhouseType({ type, unit, nullable }: Partial<ReportColumn> & Pick<ReportColumn, 'type'>): string {
  if (type.endsWith('[]')) return `Array(${clickhouseType({ type: type.slice(0, -2) })})`;
  const isInteger = ['BIGINT', 'HUGEINT', 'INTEGER'].includes(type);
  const name =
    unit === 'count' && isInteger
      ? 'UInt64'
      : (clickhouseNames[type] ?? (type.startsWith('DECIMAL') ? 'Float64' : 'String'));
  return nullable ? `Nullable(${name})` : name;
}

/** Estimated bytes of rows in memory, for the `bytes_read` statistic of Tinybird. */
export const estimateBytes = (columns: readonly Pick<ReportColumn, 'type'>[], rows: number): number =>
  rows * columns.reduce((sum, { type }) => sum + (type === 'VARCHAR' ? 16 : 8), 0);
