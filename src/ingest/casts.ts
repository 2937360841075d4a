import type { Source, SourceColumn } from '../catalog/definitions.ts';
import { identifier, literal } from '../warehouse/engine.ts';

/** A condition that sends a row to quarantine, and what is then said of it. */
export interface Fault {
  when: string;
  column: string;
  reason: string;
}

/** Name of a column's text beside its typed value. */
export const textOf = (column: string): string => identifier(`text of ${column}`);

/** Name of a column's typed value before its default fills it. */
const givenOf = (column: SourceColumn): string => identifier(column.default === undefined ? column.name : `given ${column.name}`);

/**
 * The typed rows of a source over its rows of text, and every way a row can be wrong.
 * `select` has, per column, its text and its typed value.
 */
export function typedRows(source: Source, texts: string): { select: string; faults: Fault[] } {
  const typed = source.columns.map((column) => `${castOf(column)} as ${givenOf(column)}`).join(',\n');
  const filled = source.columns
    .filter((column) => column.default !== undefined)
    .map((column) => `, coalesce(${givenOf(column)}, ${column.default}) as ${identifier(column.name)}`);
  const select = `select *${filled.join('')} from (select *, ${typed} from (${texts}))`;
  return { select, faults: [...source.columns.flatMap(columnFaults), ...source.checks] };
}

function castOf({ name, type, values }: SourceColumn): string {
  const text = textOf(name);
  if (values) return `case lower(${text}) ${values.map((value) => `when ${literal(value.toLowerCase())} then ${literal(value)}`).join(' ')} end`;
  if (type === 'VARCHAR') return text;
  if (type === 'JSON') return `case when json_valid(${text}) then ${text}::json end`;
  if (type === 'TIMESTAMP') return timestampOf(text);
  if (isWhole(type)) return `case when regexp_full_match(${text}, '[+-]?[0-9]+(\\.0+)?') then try_cast(regexp_replace(${text}, '\\..*', '') as ${type}) end`;
  return `try_cast(${text} as ${type})`;
}

/** Plain `YYYY-MM-DD HH:MM:SS` is fast; anything else goes by way of an offset, which a cast to timestamp would drop unread. */
function timestampOf(text: string): string {
  const plainForm = `(length(${text}) = 19 or (length(${text}) = 20 and ${text}[20] = 'Z')) and ${text}[17] = ':'`;
  // DuckDB wants seconds before an offset, and a colon in it.
  const withSeconds = `regexp_replace(${text}, '^(.{10}[ T]\\d\\d:\\d\\d)([Z+-])', '\\1:00\\2')`;
  const withColon = `regexp_replace(${withSeconds}, '(:.*[+-]\\d\\d)(\\d\\d)$', '\\1:\\2')`;
  return `case when ${plainForm} then try_cast(${text} as timestamp)
    when ${text}[1] between '0' and '9' then timezone('UTC', try_cast(${withColon} as timestamptz)) end`;
}

const isWhole = (type: string): boolean => ['BIGINT', 'INTEGER', 'SMALLINT', 'UBIGINT', 'HUGEINT'].includes(type);

const wanted: Record<string, string> = {
  DOUBLE: 'is no number', BOOLEAN: 'is neither true nor false', TIMESTAMP: 'is no date and time', DATE: 'is no date', JSON: 'is no JSON',
};

function columnFaults(column: SourceColumn): Fault[] {
  const { name, type, values, required } = column;
  const [text, value] = [textOf(name), givenOf(column)];
  const missing: Fault[] = required ? [{ when: `${text} is null`, column: name, reason: 'is missing' }] : [];
  if (type === 'VARCHAR' && !values) return missing;
  const finite = type === 'DOUBLE' ? ` or not isfinite(${value})` : '';
  const reason = values
    ? `is none of ${values.join(', ')}`
    : (wanted[type] ?? (isWhole(type) ? 'is no whole number' : 'is no number, or too large'));
  return [...missing, { when: `${text} is not null and (${value} is null${finite})`, column: name, reason }];
}
