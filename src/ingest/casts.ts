import type { SourceColumn } from '../catalog/definitions.ts';
import { identifier, literal } from '../warehouse/engine.ts';
import type { Forms, Reading } from './rows.ts';

/** A condition that sends a row to quarantine, and what is then said of it. */
export interface Fault {
  when: string;
  column: string;
  reason: string;
  /** True where it only says more nearly what another fault finds too. */
  nearer?: boolean;
}

/** Name of a column's text beside its typed value. */
export const textOf = (column: string): string => identifier(`text of ${column}`);

/** Name of a column's typed value before its default fills it, or the hour that happens twice is told. */
const givenOf = ({ name, default: filling, after }: SourceColumn, forms: Forms): string =>
  identifier(filling === undefined && !(after !== undefined && forms.zone !== 'UTC') ? name : `given ${name}`);

/**
 * The typed rows of a source over its rows of text, and every way a row can be wrong.
 * `select` has, per column, its text and its typed value.
 */
export function typedRows({ source, forms }: Pick<Reading, 'source' | 'forms'>, texts: string): { select: string; faults: Fault[] } {
  const given = (column: SourceColumn): string => givenOf(column, forms);
  const typed = source.columns.map((column) => `${castOf(column, forms)} as ${given(column)}`).join(',\n');
  const settled = source.columns
    .filter((column) => given(column) !== identifier(column.name) && column.default === undefined)
    .map((column) => `, ${secondOf(column, forms)} as ${identifier(column.name)}`);
  const filled = source.columns
    .filter((column) => column.default !== undefined)
    .map((column) => `, coalesce(${given(column)}, ${column.default}) as ${identifier(column.name)}`);
  const typedTexts = `select *, ${typed} from (${texts})`;
  const settledRows = settled.length === 0 ? typedTexts : `select *${settled.join('')} from (${typedTexts})`;
  const select = `select *${filled.join('')} from (${settledRows})`;
  return { select, faults: [...source.columns.flatMap((column) => columnFaults(column, given(column), forms)), ...source.checks] };
}

function castOf({ name, type, values, unit = '' }: SourceColumn, forms: Forms): string {
  const text = textOf(name);
  const mark = forms.decimalMark === undefined ? 'null::varchar' : literal(forms.decimalMark);
  if (values) return `case lower(${text}) ${values.map((value) => `when ${literal(value.toLowerCase())} then ${literal(value)}`).join(' ')} end`;
  if (type === 'VARCHAR') return text;
  if (type === 'JSON') return `case when json_valid(${text}) then ${text}::json end`;
  if (type === 'TIMESTAMP') return timestampOf(text, forms);
  if (type === 'DATE') return `coalesce(try_cast(${text} as date), try_cast(year_first(${text}, ${orderOf(forms)}) as date))`;
  if (isWhole(type)) return `case when regexp_full_match(${text}, '[+-]?[0-9]+(\\.0+)?') then try_cast(regexp_replace(${text}, '\\..*', '') as ${type}) end`;
  if (type === 'BOOLEAN') return `try_cast(${text} as boolean)`;
  const written = `try_cast(written_number(${text}, ${literal(unit)}, ${mark}) as ${type})`;
  return forms.decimalMark === ',' ? written : `coalesce(try_cast(${text} as ${type}), ${written})`;
}

const orderOf = ({ dateOrder }: Forms): string => (dateOrder ? literal(dateOrder) : 'null::varchar');

/** Plain `YYYY-MM-DD HH:MM:SS` is fastest, other year-first times come next; every other form is made out by the prelude. */
function timestampOf(text: string, forms: Forms): string {
  const isPlain = `length(${text}) = 19 and ${text}[14] = ':' and ${text}[17] = ':'`;
  const isPlainUtc = `length(${text}) = 20 and ${text}[20] = 'Z' and ${text}[14] = ':' and ${text}[17] = ':'`;
  const fast =
    forms.zone === 'UTC'
      ? `when (${isPlain}) or (${isPlainUtc}) then try_cast(${text} as timestamp)`
      : `when ${isPlainUtc} then try_cast(${text} as timestamp) when ${isPlain} then first_instant(try_cast(${text} as timestamp), ${literal(forms.zone)})`;
  const [zone, order] = [literal(forms.zone), orderOf(forms)];
  return `case when ${text} is null then null ${fast}
    when ${text}[5] = '-' and ${text}[14] = ':' and ${text}[-1] not in ('m', 'M', '.') then instant_in(${text}, ${zone})
    else written_instant(${text}, ${order}, ${zone}) end`;
}

/** A local time that would lie before the one it follows, in an hour that happens twice, is the second of the two. */
function secondOf(column: SourceColumn, { zone }: Forms): string {
  const [given, after] = [identifier(`given ${column.name}`), identifier(column.after!)];
  const local = (instant: string): string => `timezone(${literal(zone)}, timezone('UTC', ${instant}))`;
  return `case when ${given} < ${after} and not has_offset(${textOf(column.name)}) and ${local(`${given} + interval 1 hour`)} = ${local(given)}
    then ${given} + interval 1 hour else ${given} end`;
}

const isWhole = (type: string): boolean => ['BIGINT', 'INTEGER', 'SMALLINT', 'UBIGINT', 'HUGEINT'].includes(type);

const wanted: Record<string, string> = {
  DOUBLE: 'is no number', BOOLEAN: 'is neither true nor false', TIMESTAMP: 'is no date and time', DATE: 'is no date', JSON: 'is no JSON',
};

/** What is said of a date that could be read in two ways. */
export const eitherOrder = 'may be day first or month first';

function columnFaults({ name, type, values, required }: SourceColumn, value: string, forms: Forms): Fault[] {
  const text = textOf(name);
  const missing: Fault[] = required ? [{ when: `${text} is null`, column: name, reason: 'is missing' }] : [];
  if (type === 'VARCHAR' && !values) return missing;
  const finite = type === 'DOUBLE' ? ` or not isfinite(${value})` : '';
  const reason = values
    ? `is none of ${values.join(', ')}`
    : (wanted[type] ?? (isWhole(type) ? 'is no whole number' : 'is no number, or too large'));
  const untold: Fault[] =
    ['TIMESTAMP', 'DATE'].includes(type) && forms.dateOrder === undefined
      ? [{ when: `${value} is null and is_day_or_month_first(${text})`, column: name, reason: eitherOrder, nearer: true }]
      : [];
  return [...missing, ...untold, { when: `${text} is not null and (${value} is null${finite})`, column: name, reason }];
}
