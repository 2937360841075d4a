import { DuckDBTypeId, JsonDuckDBValueConverter, type DuckDBResultReader, type DuckDBValueConverter, type Json } from '@duckdb/node-api';

/** A value as JSON knows it. */
export type Cell = Json;
export type Row = Record<string, Cell>;

/** Whole numbers beyond 2^53 stay text, so that no digit is lost. */
function number(text: string): number | string {
  const value = Number(text);
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? text : value;
}

/** DuckDB's values as JSON: exact numbers as numbers, NaN and infinity as null, timestamps as `YYYY-MM-DD HH:MM:SS`. */
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

export const rowsOf = (reader: DuckDBResultReader): Row[] => reader.convertRowObjects(toCell);
