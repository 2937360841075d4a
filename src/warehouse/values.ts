import { DuckDBTypeId, JsonDuckDBValueConverter, type DuckDBResult, type DuckDBResultReader, type DuckDBValueConverter, type Json } from '@duckdb/node-api';

/** A value as JSON knows it. */
export type Cell = Json;
export type Row = Record<string, Cell>;

/** Whole numbers beyond 2^53 stay text, so that no digit is lost. */
function number(text: string): number | string {
  const value = Number(text);
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? text : value;
}

/** Texts and numbers of a JSON text, each whole. */
const jsonAtoms = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const isBeyondExact = (atom: string): boolean => /^-?\d{16,}$/.test(atom) && !Number.isSafeInteger(Number(atom));

/** What a JSON text says, with the same care for whole numbers; a text that only DuckDB takes for JSON stays one. */
function parsed(text: string): Cell {
  try {
    return JSON.parse(text.replaceAll(jsonAtoms, (atom) => (isBeyondExact(atom) ? `"${atom}"` : atom))) as Cell;
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
      return number(String(value));
    case DuckDBTypeId.FLOAT:
    case DuckDBTypeId.DOUBLE:
      return Number.isFinite(value) ? (value as number) : null;
    default:
      return JsonDuckDBValueConverter(value, type, converter);
  }
};

export const rowsOf = (reader: DuckDBResultReader): Row[] => withJson(reader, reader.convertRowObjects(toCell));

/** The same, chunk by chunk as DuckDB has them ready. */
export async function* chunksOf(result: DuckDBResult): AsyncGenerator<Row[]> {
  for await (const rows of result.yieldConvertedRowObjects(toCell)) if (rows.length > 0) yield withJson(result, rows);
}

/** Only the columns of an answer know that they are JSON, not their values. */
function withJson(from: DuckDBResult | DuckDBResultReader, rows: Row[]): Row[] {
  const names = from.deduplicatedColumnNames().filter((_, at) => from.columnType(at).alias === 'JSON');
  for (const row of rows) for (const name of names) row[name] = typeof row[name] === 'string' ? parsed(row[name]) : null;
  return rows;
}
