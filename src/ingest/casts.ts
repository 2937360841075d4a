import type { SourceColumn } from '../catalog/definitions.ts';
import { identifier, literal } from '../warehouse/duckdb.ts';
import { nulChecks, suppliedColumns, textColumn, type ReadPlan, type ValueFormats } from './text-rows.ts';

/** A condition that rejects a row, with the column and reason to report. */
export interface RowCheck {
  when: string;
  column: string;
  reason: string;
  /** True if another check finds the same rows and this one only gives a more precise reason. */
  refinesOther?: boolean;
}

/** Name of a column's typed value, before its default or the second pass of a repeated hour is applied. */
const typedColumn = (
  { name, default: defaultSql, notBefore: earlier }: SourceColumn,
  valueFormats: ValueFormats,
): string =>
  identifier(
    defaultSql === undefined && !(earlier !== undefined && valueFormats.zone !== 'UTC') ? name : `given ${name}`,
  );

/**
 * The typed rows of a source, selected from its rows of text, and every check a row can fail.
 * `select` has the typed value of each column, and its text if the file supplies one.
 * @param fastPath true to parse only the simplest forms of times and numbers, which DuckDB plans fastest
 */
export function typedRows(plan: ReadPlan, texts: string, fastPath = false): { select: string; checks: RowCheck[] } {
  const { source, forms: valueFormats } = plan;
  const supplied = new Set(suppliedColumns(plan));
  const name = (column: SourceColumn): string => typedColumn(column, valueFormats);
  const casts = source.columns
    .map(
      (column) =>
        `${supplied.has(column.name) ? castOf(column, valueFormats, fastPath) : `null::${column.type}`} as ${name(column)}`,
    )
    .join(',\n');
  const resolvedTimes = source.columns
    .filter((column) => name(column) !== identifier(column.name) && column.default === undefined)
    .map(
      (column) =>
        `, ${supplied.has(column.name) ? resolveRepeatedHour(column, valueFormats) : name(column)} as ${identifier(column.name)}`,
    );
  const defaults = source.columns
    .filter((column) => column.default !== undefined)
    .map((column) => `, coalesce(${name(column)}, ${column.default}) as ${identifier(column.name)}`);
  const castRows = `select *, ${casts} from (${texts})`;
  const resolvedRows = resolvedTimes.length === 0 ? castRows : `select *${resolvedTimes.join('')} from (${castRows})`;
  const checks = source.columns.flatMap((column) =>
    supplied.has(column.name)
      ? columnChecks(column, name(column), valueFormats)
      : column.required
        ? [missingCheck(column, 'true')]
        : [],
  );
  return {
    select: `select *${defaults.join('')} from (${resolvedRows})`,
    checks: [...checks, ...nulChecks(plan), ...source.checks],
  };
}

function castOf(
  { name, type, values, unit = '' }: SourceColumn,
  valueFormats: ValueFormats,
  fastPath: boolean,
): string {
  const text = textColumn(name);
  const mark = valueFormats.decimalMark === undefined ? 'null::varchar' : literal(valueFormats.decimalMark);
  if (values) {
    // Values in their stored spelling need no lower().
    const exact = values.map((value) => `when ${literal(value)} then ${literal(value)}`).join(' ');
    const anyCase = values.map((value) => `when ${literal(value.toLowerCase())} then ${literal(value)}`).join(' ');
    return `case ${text} ${exact} else case lower(${text}) ${anyCase} end end`;
  }
  if (type === 'VARCHAR') return text;
  if (type === 'JSON') return `case when json_valid(${text}) then ${text}::json end`;
  if (type === 'TIMESTAMP') return timestampOf(text, valueFormats, fastPath);
  if (type === 'DATE')
    return `coalesce(try_cast(${text} as date), try_cast(year_first(${text}, ${dateOrderSql(valueFormats)}) as date))`;
  if (isIntegerType(type))
    return `case when regexp_full_match(${text}, '[+-]?[0-9]+(\\.0+)?') then try_cast(regexp_replace(${text}, '\\..*', '') as ${type}) end`;
  if (type === 'BOOLEAN') return `try_cast(${text} as boolean)`;
  if (fastPath && valueFormats.decimalMark === undefined) return `try_cast(${text} as ${type})`;
  const parsed = `try_cast(written_number(${text}, ${literal(unit)}, ${mark}) as ${type})`;
  return valueFormats.decimalMark === ',' ? parsed : `coalesce(try_cast(${text} as ${type}), ${parsed})`;
}

const dateOrderSql = ({ dateOrder }: ValueFormats): string => (dateOrder ? literal(dateOrder) : 'null::varchar');

/** Plain `YYYY-MM-DD HH:MM:SS` is fastest, then other year-first times. Macros of the prelude parse every other form. */
function timestampOf(text: string, valueFormats: ValueFormats, fastPath: boolean): string {
  const [zone, order] = [literal(valueFormats.zone), dateOrderSql(valueFormats)];
  const local = `try_cast(${text} as timestamp)`;
  return `case when ${text} like '____-__-__ __:__:__' or ${text} like '____-__-__T__:__:__' then ${valueFormats.zone === 'UTC' ? local : `first_instant(${local}, ${zone})`}
    when ${text} like '____-__-__T__:__:__Z' or ${text} like '____-__-__T__:__:__.___Z' then ${local}
    ${
      fastPath
        ? 'end'
        : `when ${text} is null then null
    when ${text}[5] = '-' and ${text}[14] = ':' and ${text}[-1] not in ('m', 'M', '.') then instant_in(${text}, ${zone})
    else written_instant(${text}, ${order}, ${zone}) end`
    }`;
}

/** A local time in a repeated hour is its second pass if the first would be before the time it must follow. */
function resolveRepeatedHour(column: SourceColumn, { zone }: ValueFormats): string {
  const [value, notBefore] = [identifier(`given ${column.name}`), identifier(column.notBefore!)];
  const local = (instant: string): string => `timezone(${literal(zone)}, timezone('UTC', ${instant}))`;
  return `case when ${value} < ${notBefore} and not has_offset(${textColumn(column.name)}) and ${local(`${value} + interval 1 hour`)} = ${local(value)}
    then ${value} + interval 1 hour else ${value} end`;
}

const isIntegerType = (type: string): boolean => ['BIGINT', 'INTEGER', 'SMALLINT', 'UBIGINT', 'HUGEINT'].includes(type);

/** Reasons by type. They are stored in the quarantine: a change needs a migration, as in sql/migrations/3.sql. */
const reasonByType: Record<string, string> = {
  BOOLEAN: 'must be true or false',
  TIMESTAMP: 'not a valid timestamp',
  DATE: 'not a valid date',
  JSON: 'not valid JSON',
};

/** Reason for a date that could be read in two ways. */
export const ambiguousDate = 'may be day first or month first';

function columnChecks(
  { name, type, values, required }: SourceColumn,
  value: string,
  valueFormats: ValueFormats,
): RowCheck[] {
  const text = textColumn(name);
  const missingChecks = required ? [missingCheck({ name }, `${text} is null`)] : [];
  if (type === 'VARCHAR' && !values) return missingChecks;
  const finite = type === 'DOUBLE' ? ` or not isfinite(${value})` : '';
  const reason = values
    ? `must be one of ${values.join(', ')}`
    : (reasonByType[type] ?? (isIntegerType(type) ? 'not a valid integer' : 'not a valid number'));
  const ambiguous: RowCheck[] =
    ['TIMESTAMP', 'DATE'].includes(type) && valueFormats.dateOrder === undefined
      ? [
          {
            when: `${value} is null and is_day_or_month_first(${text})`,
            column: name,
            reason: ambiguousDate,
            refinesOther: true,
          },
        ]
      : [];
  return [
    ...missingChecks,
    ...ambiguous,
    { when: `${value} is null and ${text} is not null${finite}`, column: name, reason },
  ];
}

const missingCheck = ({ name }: Pick<SourceColumn, 'name'>, when: string): RowCheck => ({
  when,
  column: name,
  reason: 'is missing',
});
