/**
 * Rows of events store neither an ID nor a version that their other columns give: those are null in the file. An ID is made of a
 * row's own values, so it takes more room than all of them together.
 */
export const eventsTable = 'charge_point_events';

/** SQL of a column; undefined if the rows have no such column. */
export type ColumnSql = (name: string) => string | undefined;

/** Columns that a default ID is made of, in its order: the default of the source. */
const idColumns = [
  'station_id',
  'event_type',
  'event_time',
  'connector_id',
  'transaction_id',
  'session_id',
  'status',
  'error_code',
  'vendor_error_code',
  'firmware_version',
  'energy_kwh',
  'meter_wh',
  'power_kw',
  'soc',
];

/** ID of an event without an ID of its own. */
export function defaultEventId(column: ColumnSql): string {
  const parts = idColumns.flatMap((name) => {
    const sql = column(name);
    if (sql === undefined) return [];
    return name === 'event_type' ? `lower(${sql})` : sql;
  });
  return `concat_ws('|', ${parts.join(', ')})`;
}

/**
 * SQL of a column as the file stores it, from its value.
 * @param column values of a whole row
 * @param hasDefaultId condition for rows whose ID is known to be the default
 */
export function toStoredEvent(name: string, column: ColumnSql, hasDefaultId = 'false'): string {
  const value = column(name)!;
  if (name === 'last_updated') return `nullif(${value}, ${column('event_time')})`;
  if (name !== 'event_id') return value;
  const isDefault = `case when ${hasDefaultId} then true when contains(${value}, '|') then ${value} = ${defaultEventId(column)} else false end`;
  // The first and third part of an ID are the charge point and the time: this finds an event by its ID.
  const hasSeparator = `contains(${column('station_id')}, '|') or contains(${column('event_type')}, '|')`;
  return `case when ${isDefault} then case when ${hasSeparator} then ${value} end else ${value} end`;
}

/** Columns of default IDs, as far as a table has them. */
export const presentIdColumns = (present: readonly string[]): string[] =>
  idColumns.filter((name) => present.includes(name));

/** SQL of the value of a column from what the file stores. @param column stored columns */
export function fromStoredEvent(name: string, column: ColumnSql): string | undefined {
  const stored = column(name);
  if (stored === undefined) return undefined;
  if (name === 'last_updated') return `coalesce(${stored}, ${column('event_time')})`;
  return name === 'event_id' ? `coalesce(${stored}, ${defaultEventId(column)})` : stored;
}

/** Columns of events that the file may store as null although they are required. */
export const isDerivable = (table: string, column: string): boolean =>
  table === eventsTable && (column === 'event_id' || column === 'last_updated');

/** The charge point and time in an ID, as SQL; of a default ID, those of its event. */
export const stationOfId = (id: string): string => `split_part(${id}, '|', 1)`;
export const timeOfId = (id: string): string => `try_cast(split_part(${id}, '|', 3) as timestamp)`;
