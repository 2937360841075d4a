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

/** A JSON value. */
export type Cell = Json;
export type Row = Record<string, Cell>;

/** Integers above 2^53 stay strings to keep full precision. */
export function toNumber(text: string): number | string {
  const value = Number(text);
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? text : value;
}

/** Matches the strings and numbers in a JSON text. */
const jsonAtoms = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const isUnsafeInteger = (atom: string): boolean => /^-?\d{16,}$/.test(atom) && !Number.isSafeInteger(Number(atom));

/** Parses JSON and keeps large integers as strings; JSON that only DuckDB accepts stays text. */
export function parseJson(text: string): Cell {
  try {
    return JSON.parse(text.replaceAll(jsonAtoms, (atom) => (isUnsafeInteger(atom) ? `"${atom}"` : atom))) as Cell;
  } catch {
    return text;
  }
}

/** Converts DuckDB values to JSON: decimals to numbers, NaN and infinity to null, timestamps to `YYYY-MM-DD HH:MM:SS`. */
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

/** Weight after which a batch is yielded, and the maximum of one row. A character weighs 1, any other value 8. */
const [batchWeight, maxRowWeight] = [131_072, 33_554_432];

/**
 * Streams rows in the chunks of DuckDB, or in smaller batches if values are large.
 * @throws WattduckError (result_row_too_large)
 */
export async function* readChunks(result: DuckDBResult): AsyncGenerator<Row[]> {
  const names = result.deduplicatedColumnNames();
  const tooLargeError = (): WattduckError => new WattduckError('result_row_too_large');
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
        // Converting a wide chunk takes long: let other requests run in between.
        await setImmediate();
      }
    }
    if (rows.length > 0) yield parseJsonColumns(result, rows);
    [rows, weight] = [[], 0];
  }
}

/** Parses the values of JSON columns, which DuckDB returns as strings. */
function parseJsonColumns(from: DuckDBResult | DuckDBResultReader, rows: Row[]): Row[] {
  const names = from.deduplicatedColumnNames().filter((_, at) => from.columnType(at).alias === 'JSON');
  for (const row of rows)
    for (const name of names) row[name] = typeof row[name] === 'string' ? parseJson(row[name]) : null;
  return rows;
}
