import type { SourceColumn } from '../catalog/definitions.ts';
import { identifier, literal } from '../warehouse/engine.ts';
import { givenColumns, textOf, type Forms, type Reading } from './rows.ts';

/** A condition that sends a row to quarantine, and what is then said of it. */
export interface Fault {
  when: string;
  column: string;
  reason: string;
  /** True where it only says more nearly what another fault finds too. */
  nearer?: boolean;
}

/** Name of a column's typed value before its default fills it, or the hour that happens twice is told. */
const givenOf = ({ name, default: filling, after }: SourceColumn, forms: Forms): string =>
  identifier(filling === undefined && !(after !== undefined && forms.zone !== 'UTC') ? name : `given ${name}`);

/**
 * The typed rows of a source over its rows of text, and every way a row can be wrong.
 * `select` has, per column, its typed value, and its text where the file gives one.
 * @param plainly true where only the plainest forms of times and numbers are to be understood, which takes the least planning
 */
export function typedRows(reading: Reading, texts: string, plainly = false): { select: string; faults: Fault[] } {
  const { source, forms } = reading;
  const given = new Set(givenColumns(reading));
  const name = (column: SourceColumn): string => givenOf(column, forms);
  const typed = source.columns
    .map(
      (column) =>
        `${given.has(column.name) ? castOf(column, forms, plainly) : `null::${column.type}`} as ${name(column)}`,
    )
    .join(',\n');
  const settled = source.columns
    .filter((column) => name(column) !== identifier(column.name) && column.default === undefined)
    .map(
      (column) => `, ${given.has(column.name) ? secondOf(column, forms) : name(column)} as ${identifier(column.name)}`,
    );
  const filled = source.columns
    .filter((column) => column.default !== undefined)
    .map((column) => `, coalesce(${name(column)}, ${column.default}) as ${identifier(column.name)}`);
  const typedTexts = `select *, ${typed} from (${texts})`;
  const settledRows = settled.length === 0 ? typedTexts : `select *${settled.join('')} from (${typedTexts})`;
  const faults = source.columns.flatMap((column) =>
    given.has(column.name)
      ? columnFaults(column, name(column), forms)
      : column.required
        ? [missing(column, 'true')]
        : [],
  );
  return { select: `select *${filled.join('')} from (${settledRows})`, faults: [...faults, ...source.checks] };
}

function castOf({ name, type, values, unit = '' }: SourceColumn, forms: Forms, plainly: boolean): string {
  const text = textOf(name);
  const mark = forms.decimalMark === undefined ? 'null::varchar' : literal(forms.decimalMark);
  if (values) {
    // Written as they are kept they need no lower().
    const exact = values.map((value) => `when ${literal(value)} then ${literal(value)}`).join(' ');
    const anyCase = values.map((value) => `when ${literal(value.toLowerCase())} then ${literal(value)}`).join(' ');
    return `case ${text} ${exact} else case lower(${text}) ${anyCase} end end`;
  }
  if (type === 'VARCHAR') return text;
  if (type === 'JSON') return `case when json_valid(${text}) then ${text}::json end`;
  if (type === 'TIMESTAMP') return timestampOf(text, forms, plainly);
  if (type === 'DATE')
    return `coalesce(try_cast(${text} as date), try_cast(year_first(${text}, ${orderOf(forms)}) as date))`;
  if (isWhole(type))
    return `case when regexp_full_match(${text}, '[+-]?[0-9]+(\\.0+)?') then try_cast(regexp_replace(${text}, '\\..*', '') as ${type}) end`;
  if (type === 'BOOLEAN') return `try_cast(${text} as boolean)`;
  if (plainly && forms.decimalMark === undefined) return `try_cast(${text} as ${type})`;
  const written = `try_cast(written_number(${text}, ${literal(unit)}, ${mark}) as ${type})`;
  return forms.decimalMark === ',' ? written : `coalesce(try_cast(${text} as ${type}), ${written})`;
}

const orderOf = ({ dateOrder }: Forms): string => (dateOrder ? literal(dateOrder) : 'null::varchar');

/** Plain `YYYY-MM-DD HH:MM:SS` is fastest, other year-first times come next; every other form is made out by the prelude. */
function timestampOf(text: string, forms: Forms, plainly: boolean): string {
  const [zone, order] = [literal(forms.zone), orderOf(forms)];
  const local = `try_cast(${text} as timestamp)`;
  return `case when ${text} like '____-__-__ __:__:__' or ${text} like '____-__-__T__:__:__' then ${forms.zone === 'UTC' ? local : `first_instant(${local}, ${zone})`}
    when ${text} like '____-__-__T__:__:__Z' or ${text} like '____-__-__T__:__:__.___Z' then ${local}
    ${
      plainly
        ? 'end'
        : `when ${text} is null then null
    when ${text}[5] = '-' and ${text}[14] = ':' and ${text}[-1] not in ('m', 'M', '.') then instant_in(${text}, ${zone})
    else written_instant(${text}, ${order}, ${zone}) end`
    }`;
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
  DOUBLE: 'is no number',
  BOOLEAN: 'is neither true nor false',
  TIMESTAMP: 'is no date and time',
  DATE: 'is no date',
  JSON: 'is no JSON',
};

/** What is said of a date that could be read in two ways. */
export const eitherOrder = 'may be day first or month first';

function columnFaults({ name, type, values, required }: SourceColumn, value: string, forms: Forms): Fault[] {
  const text = textOf(name);
  const absent = required ? [missing({ name }, `${text} is null`)] : [];
  if (type === 'VARCHAR' && !values) return absent;
  const finite = type === 'DOUBLE' ? ` or not isfinite(${value})` : '';
  const reason = values
    ? `is none of ${values.join(', ')}`
    : (wanted[type] ?? (isWhole(type) ? 'is no whole number' : 'is no number, or too large'));
  const untold: Fault[] =
    ['TIMESTAMP', 'DATE'].includes(type) && forms.dateOrder === undefined
      ? [
          {
            when: `${value} is null and is_day_or_month_first(${text})`,
            column: name,
            reason: eitherOrder,
            nearer: true,
          },
        ]
      : [];
  return [...absent, ...untold, { when: `${value} is null and ${text} is not null${finite}`, column: name, reason }];
}

const missing = ({ name }: Pick<SourceColumn, 'name'>, when: string): Fault => ({
  when,
  column: name,
  reason: 'is missing',
});
