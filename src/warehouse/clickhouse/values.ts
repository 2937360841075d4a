import { DuckDBTimestampValue, type DuckDBValue } from '@duckdb/node-api';
import type { NamedType } from '../../catalog/catalog-database.ts';
import { parseJson, toNumber, type Cell, type Row } from '../values.ts';

type Convert = (value: unknown) => Cell;

/** Converts rows of ClickHouse to those of DuckDB, by the types that DuckDB declares. */
export function rowConverter(columns: readonly NamedType[]): (values: readonly unknown[]) => Row {
  const converters = columns.map(({ name, type }) => [name, converterOf(type)] as const);
  return (values) =>
    Object.fromEntries(
      converters.map(([name, convert], at) => [name, values[at] === null ? null : convert(values[at])]),
    );
}

/** @param type in the notation of DuckDB */
function converterOf(type: string): Convert {
  if (type.endsWith('[]')) {
    const convert = converterOf(type.slice(0, -2));
    return (value) => (value as unknown[]).map((each) => (each === null ? null : convert(each)));
  }
  if (type.startsWith('DECIMAL')) return (value) => toNumber(String(value));
  switch (type) {
    case 'BOOLEAN':
      return (value) => value === true || value === 1 || value === '1' || value === 'true';
    case 'BIGINT':
    case 'UBIGINT':
    case 'HUGEINT':
    case 'UHUGEINT':
    case 'INTEGER':
    case 'SMALLINT':
    case 'TINYINT':
      return (value) => toNumber(String(value));
    case 'FLOAT':
    case 'DOUBLE':
      // NaN and infinity are quoted.
      return (value) => (Number.isFinite(Number(value)) ? Number(value) : null);
    case 'TIMESTAMP':
      return (value) => withoutZeros(String(value));
    case 'DATE':
      return (value) => String(value).slice(0, 10);
    case 'JSON':
      return (value) => parseJson(String(value));
    default:
      return (value) => (typeof value === 'string' ? value : (value as Cell));
  }
}

/** A time without zeros at the end of its fraction. */
const withoutZeros = (time: string): string =>
  time.replace(/\.(\d*?)0*$/, (_, digits: string) => (digits ? `.${digits}` : ''));

/** A bound value as the text of a parameter; undefined for null. */
export function parameterText(value: DuckDBValue): string | undefined {
  if (value === null) return undefined;
  if (!(value instanceof DuckDBTimestampValue)) return String(value);
  const seconds = value.micros / 1_000_000n - (value.micros % 1_000_000n < 0n ? 1n : 0n);
  const fraction = String(value.micros - seconds * 1_000_000n).padStart(6, '0');
  return `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19).replace('T', ' ')}.${fraction}`;
}
