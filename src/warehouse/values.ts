import { setImmediate } from 'node:timers/promises';
import {
  DuckDBListVector,
  DuckDBTypeId,
  JsonDuckDBValueConverter,
  type DuckDBResult,
  type DuckDBResultReader,
  type DuckDBValueConverter,
  type Json,
} from '@duckdb/node-api';
import { WattduckError } from '../errors/wattduck-error.ts';

/** A value as JSON knows it. */
export type Cell = Json;
export type Row = Record<string, Cell>;

/** Whole numbers beyond 2^53 stay text, so that no digit is lost. */
function toNumber(text: string): number | string {
  const value = Number(text);
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? text : value;
}

/** Texts and numbers of a JSON text, each whole. */
const jsonAtoms = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const isUnsafeInteger = (atom: string): boolean => /^-?\d{16,}$/.test(atom) && !Number.isSafeInteger(Number(atom));

/** What a JSON text says, with the same care for whole numbers; a text that only DuckDB takes for JSON stays one. */
function parseJson(text: string): Cell {
  try {
    return JSON.parse(text.replaceAll(jsonAtoms, (atom) => (isUnsafeInteger(atom) ? `"${atom}"` : atom))) as Cell;
  } catch {
    return text;
  }
}

/** DuckDB's values as JSON: exact numbers as numbers, NaN and infinity as null, timestamps as `YYYY-MM-DD HH:MM:SS`, JSON as what it says. */
const toCell: DuckDBValueConverter<Cell> = (value, type, converter) => {
  if (value === null) return null;
  switch (type.typeId) {
    case DuckDBTypeId.BIGINT:
    case DuckDBTypeId.UBIGINT:
    case DuckDBTypeId.HUGEINT:
    case DuckDBTypeId.UHUGEINT:
    case DuckDBTypeId.DECIMAL:
      return toNumber(String(value));
    case DuckDBTypeId.FLOAT:
    case DuckDBTypeId.DOUBLE:
      return Number.isFinite(value) ? (value as number) : null;
    default:
      return JsonDuckDBValueConverter(value, type, converter);
  }
};

export const readRows = (reader: DuckDBResultReader): Row[] =>
  parseJsonColumns(reader, reader.convertRowObjects(toCell));

/** Letters, and numbers times eight, after which rows are handed on before their chunk has come to its end; and most of one row. */
const [batchWeight, maxRowWeight] = [131_072, 33_554_432];

/**
 * The same, chunk by chunk as DuckDB has them ready; less at once where values are large.
 * @throws WattduckError (failed) for a row too large to be held
 */
export async function* readChunks(result: DuckDBResult): AsyncGenerator<Row[]> {
  const names = result.deduplicatedColumnNames();
  const tooLargeError = (): WattduckError =>
    new WattduckError(
      'failed',
      'a row of the answer is too large',
      'Ask for less of it, or for its parts as rows: unnest(…).',
    );
  let [rows, weight]: [Row[], number] = [[], 0];
  const weighCell: DuckDBValueConverter<Cell> = (value, type, converter) => {
    weight += typeof value === 'string' ? value.length : 8;
    if (weight > batchWeight + maxRowWeight) throw tooLargeError();
    return toCell(value, type, converter);
  };
  for await (const chunk of result) {
    for (let at = 0; at < chunk.columnCount; at += 1) {
      const vector = chunk.getColumnVector(at);
      if (vector instanceof DuckDBListVector && vector.childVector.itemCount > maxRowWeight / 8) throw tooLargeError();
    }
    for (let at = 0; at < chunk.rowCount; at += 1) {
      const row: Row = {};
      chunk.visitRowValues(
        at,
        (value, _, column, type) => void (row[names[column]!] = weighCell(value, type, weighCell)),
      );
      rows.push(row);
      if (weight > batchWeight) {
        yield parseJsonColumns(result, rows);
        [rows, weight] = [[], 0];
        // Converting a wide chunk takes long: other requests get their turn in between.
        await setImmediate();
      }
    }
    if (rows.length > 0) yield parseJsonColumns(result, rows);
    [rows, weight] = [[], 0];
  }
}

/** Only the columns of an answer know that they are JSON, not their values. */
function parseJsonColumns(from: DuckDBResult | DuckDBResultReader, rows: Row[]): Row[] {
  const names = from.deduplicatedColumnNames().filter((_, at) => from.columnType(at).alias === 'JSON');
  for (const row of rows)
    for (const name of names) row[name] = typeof row[name] === 'string' ? parseJson(row[name]) : null;
  return rows;
}
