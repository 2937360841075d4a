/** Types of ClickHouse by those of DuckDB. JSON is text that keeps its form, and a timestamp is one in UTC. */
const names: Readonly<Record<string, string>> = {
  varchar: 'String',
  text: 'String',
  json: 'String',
  boolean: 'Bool',
  bool: 'Bool',
  tinyint: 'Int8',
  smallint: 'Int16',
  integer: 'Int32',
  int: 'Int32',
  bigint: 'Int64',
  hugeint: 'Int128',
  ubigint: 'UInt64',
  float: 'Float32',
  double: 'Float64',
  date: 'Date32',
  timestamp: "DateTime64(6, 'UTC')",
};

/**
 * The type of ClickHouse with the values of a type of DuckDB, not nullable.
 * @param type for example `DECIMAL(18,6)` or `INTEGER[]`
 * @throws Error for a type that no source has
 */
export function clickHouseType(type: string): string {
  const list = /^(.*)\[\]$/s.exec(type);
  if (list) return `Array(${clickHouseType(list[1]!)})`;
  const [, base, scale] = /^(\w+)\s*(\([\d\s,]*\))?$/.exec(type.trim()) ?? [];
  if (base !== undefined && /^(decimal|numeric)$/i.test(base)) return `Decimal${scale ?? '(18,3)'}`;
  const name = base === undefined ? undefined : names[base.toLowerCase()];
  if (name === undefined) throw new Error(`no type of ClickHouse for ${type}`);
  return name;
}

/** The type of a column that may be empty; lists are never null. */
export const nullableType = (type: string): string =>
  type.endsWith('[]') ? clickHouseType(type) : `Nullable(${clickHouseType(type)})`;

/** A text as a literal of ClickHouse. */
export const clickHouseLiteral = (text: string): string =>
  `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\0', '\\0')}'`;

/** A quoted name of ClickHouse. */
export const clickHouseIdentifier = (name: string): string =>
  `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`').replaceAll('\0', '\\0')}\``;
