import type { Source, SourceColumn } from '../catalog/definitions.ts';
import { normalizeHeader } from '../text/names.ts';
import { identifier, literal } from '../warehouse/duckdb.ts';
import { hoursAfterSkips } from './clock-changes.ts';
import type { RowCheck } from './row-check.ts';
import { skipChecks } from './skipped-rows.ts';
import {
  failedColumn,
  nulChecks,
  referencedColumns,
  suppliedColumns,
  textColumn,
  triedColumns,
  typedFields,
  type ReadPlan,
  type ValueFormats,
} from './text-rows.ts';

/** A condition of rows that are imported with a warning. */
export interface RowNote {
  when: string;
  column: string;
  /** Null for a value that means none, as an end in 1970. */
  reason: string | null;
  /** Reason instead, if the column has no value at all and is ignored. */
  reasonIfIgnored?: string;
}

/** Sequence that counts the rows with a note. Most files have none, and are not read again to count them. */
export const noteSequence = 'noted_rows';

/** Whether a time may be replaced after it is read. */
const isResolved = ({ notBefore, fallback }: SourceColumn): boolean =>
  notBefore !== undefined || fallback !== undefined;

/** Name of a column's typed value before its time is resolved and defaults are applied. */
const givenColumn = (column: SourceColumn): string =>
  identifier(column.default === undefined && !isResolved(column) ? column.name : `given ${column.name}`);

/** Name of the value that a default completes. */
const resolvedColumn = (column: SourceColumn): string =>
  isResolved(column)
    ? identifier(column.default === undefined ? column.name : `resolved ${column.name}`)
    : givenColumn(column);

/**
 * SQL for a key made of typed values, joined by `/`, for `key_from` of a mapping: times in ISO 8601 UTC, numbers without trailing
 * zeros. A missing value is empty, so that the other values keep their places.
 */
function keyFromSql({ source, mapping }: ReadPlan): string | undefined {
  const keyFrom = mapping?.keyFrom ?? [];
  if (keyFrom.length === 0) return undefined;
  const parts = keyFrom.map((name) => {
    const { type } = source.columns.find((each) => each.name === name)!;
    return `coalesce(${keyText(source.key.includes(name) ? textColumn(name) : identifier(name), type)}, '')`;
  });
  return parts.join(" || '/' || ");
}

/** A typed value as text that does not depend on how the file writes it. */
function keyText(value: string, type: string): string {
  if (type === 'TIMESTAMP') return `replace(${value}::varchar, ' ', 'T') || 'Z'`;
  if (type.startsWith('DECIMAL')) return `rtrim(rtrim(${value}::varchar, '0'), '.')`;
  return `${value}::varchar`;
}

/** The plan with the key of a mapping's `key_from` as the default of the key column. */
function withMadeKey(plan: ReadPlan): ReadPlan {
  const keySql = keyFromSql(plan);
  if (keySql === undefined) return plan;
  const columns = plan.source.columns.map((column) =>
    plan.source.key.includes(column.name) ? { ...column, required: false, default: keySql } : column,
  );
  return { ...plan, source: { ...plan.source, columns } };
}

/**
 * The typed rows of a source, selected from its rows of text, every check a row can fail, and every note it can get.
 * `select` has the typed value of each column, and its text if the file supplies one. The last check never fails: it counts notes.
 * @param fastPath true to parse only the simplest forms of times and numbers, which DuckDB plans fastest
 */
export function typedRows(
  filePlan: ReadPlan,
  texts: string,
  fastPath = false,
): { select: string; checks: RowCheck[]; notes: RowNote[] } {
  const plan = withMadeKey(filePlan);
  const { source, forms: valueFormats, mapping } = plan;
  const isMadeKey = ({ name }: SourceColumn): boolean =>
    (mapping?.keyFrom ?? []).length > 0 && source.key.includes(name);
  const supplied = new Set(suppliedColumns(plan));
  const fields = typedFields(source);
  const casts = fields.map(
    (column) =>
      `${supplied.has(column.name) ? castOf(column, valueFormats, fastPath) : `null::${column.type}`} as ${givenColumn(column)}`,
  );
  const resolvedTimes = fields
    .filter(isResolved)
    .map(
      (column) =>
        `, ${supplied.has(column.name) ? resolveTime(column, plan) : givenColumn(column)} as ${resolvedColumn(column)}`,
    );
  const defaults = inOrderOfUse(plan).map(
    (column) =>
      `, ${isMadeKey(column) ? column.default : `coalesce(${resolvedColumn(column)}, ${column.default})`} as ${identifier(column.name)}`,
  );
  const castRows = `select *, ${casts.join(',\n')} from (${texts})`;
  const resolvedRows = resolvedTimes.length === 0 ? castRows : `select *${resolvedTimes.join('')} from (${castRows})`;
  const suppliedFields = fields.filter(({ name }) => supplied.has(name));
  const ambiguous = suppliedFields.flatMap((column) => ambiguityChecks(plan, column));
  const checks = fields.flatMap((column) =>
    supplied.has(column.name) ? columnChecks(plan, column) : column.required ? [missingCheck(column, 'true')] : [],
  );
  const failures = triedColumns(mapping)
    .filter((column) => supplied.has(column))
    .map((column) => ({
      when: failedColumn(column),
      column,
      reason: `cannot be computed from ${mapping!.sourceFields[column]!.join(', ')}`,
    }));
  const notes = [...suppliedFields.flatMap((column) => columnNotes(plan, column)), ...inputNotes(plan, supplied)];
  const counter: RowCheck[] =
    notes.length === 0
      ? []
      : [
          {
            when: `case when ${notes.map(({ when }) => `(${when})`).join(' or ')} then nextval('${noteSequence}') < 0 else false end`,
            column: notes[0]!.column,
            reason: '',
          },
        ];
  return {
    select: `select *${defaults.join('')} from (${resolvedRows})`,
    checks: [
      ...skipChecks(plan),
      ...failures,
      ...ambiguous,
      ...checks,
      ...nulChecks(plan),
      ...source.checks,
      ...counter,
    ],
    notes,
  };
}

/** Columns with a default; those that another default uses come first. */
function inOrderOfUse({ source }: ReadPlan): SourceColumn[] {
  const ordered = new Set<SourceColumn>();
  const visit = (column: SourceColumn): void => {
    if (column.default === undefined || ordered.has(column)) return;
    const used = referencedColumns(column.default, source);
    for (const each of source.columns) if (each !== column && used.includes(each.name)) visit(each);
    ordered.add(column);
  };
  source.columns.forEach(visit);
  return [...ordered];
}

function castOf(
  { name, type, values, format, unit = '' }: SourceColumn,
  valueFormats: ValueFormats,
  fastPath: boolean,
): string {
  const text = textColumn(name);
  const mark = valueFormats.decimalMark === undefined ? 'null::varchar' : literal(valueFormats.decimalMark);
  if (values) {
    // Values in their stored spelling need no lower().
    const exact = values.map((value) => `when ${literal(value)} then ${literal(value)}`).join(' ');
    const anyCase = values.map((value) => `when ${literal(value.toLowerCase())} then ${literal(value)}`).join(' ');
    const otherForm = format === 'current_type' ? ` else ac_or_dc(${text})` : '';
    return `case ${text} ${exact} else case lower(${text}) ${anyCase}${otherForm} end end`;
  }
  if (format === 'currency') return `currency_code(${text})`;
  if (type === 'VARCHAR') return text;
  if (type === 'JSON') return `case when json_valid(${text}) then ${text}::json end`;
  if (type === 'TIMESTAMP') return timestampOf(text, valueFormats, fastPath);
  if (type === 'DATE') return dateOf(text, valueFormats);
  if (isIntegerType(type))
    return `case when regexp_full_match(${text}, '[+-]?[0-9]+(\\.0+)?') then try_cast(regexp_replace(${text}, '\\..*', '') as ${type}) end`;
  if (type === 'BOOLEAN') return `try_cast(${text} as boolean)`;
  if (fastPath && valueFormats.decimalMark === undefined) return `try_cast(${text} as ${type})`;
  const parsed = `try_cast(written_number(${text}, ${literal(unit)}, ${mark}) as ${type})`;
  return valueFormats.decimalMark === ',' ? parsed : `coalesce(try_cast(${text} as ${type}), ${parsed})`;
}

/** Last characters of times that `instant_in` would misread. In one list for `in`, DuckDB would look them up by a join for every row. */
const notLastInInstant = ["'m'", "'M'", "'.'", "' '", 'chr(9)'];

const dateOrderSql = ({ dateOrder }: ValueFormats): string => (dateOrder ? literal(dateOrder) : 'null::varchar');

/** A date; the macros of the prelude parse all but plain `YYYY-MM-DD`. */
function dateOf(text: string, valueFormats: ValueFormats): string {
  const order = dateOrderSql(valueFormats);
  return `case when ${text} like '____-__-__' then try_cast(${text} as date) else written_date(${text}, ${order}) end`;
}

/** Plain `YYYY-MM-DD HH:MM:SS` is fastest, then other year-first times. Macros of the prelude parse every other form. */
function timestampOf(text: string, valueFormats: ValueFormats, fastPath: boolean): string {
  const [zone, order] = [literal(valueFormats.zone), dateOrderSql(valueFormats)];
  const local = `try_cast(${text} as timestamp)`;
  const instant = (localTime: string): string =>
    valueFormats.zone === 'UTC' ? localTime : `first_instant(${localTime}, ${zone})`;
  return `case when ${text} like '____-__-__ __:__:__' or ${text} like '____-__-__T__:__:__' then ${instant(local)}
    when ${text} like '____-__-__T__:__:__Z' or ${text} like '____-__-__T__:__:__.___Z' then ${local}
    ${
      fastPath
        ? 'end'
        : `when ${text} is null then null
    ${dayMonthCase(text, valueFormats, instant)}
    else coalesce(case when ${text}[5] = '-' and ${text}[14] = ':' and not (${notLastInInstant.map((last) => `suffix(${text}, ${last})`).join(' or ')}) then instant_in(${text}, ${zone}) end,
      written_instant(${text}, ${order}, ${zone})) end`
    }`;
}

/** Dates with day and month in a known order, cut without a pattern, which would take longer. */
function dayMonthCase(text: string, { dateOrder }: ValueFormats, instant: (local: string) => string): string {
  if (dateOrder === undefined) return '';
  const forms = ['/', '.', '-'].flatMap((mark) =>
    [' __:__', ' __:__:__'].map((clock) => `${text} like '__${mark}__${mark}____${clock}'`),
  );
  const [day, month] = dateOrder === 'dmy' ? [1, 4] : [4, 1];
  const yearFirst = `concat(substr(${text}, 7, 4), '-', substr(${text}, ${month}, 2), '-', substr(${text}, ${day}, 2), substr(${text}, 11))`;
  return `when (${forms.join(' or ')}) and ${text}[4] <> ' ' then ${instant(`try_cast(${yearFirst} as timestamp)`)}`;
}

/**
 * A time after another: null for a text that means none, as in 1970, and in a repeated hour the second pass if the first would be before
 * the time it must follow. A time of a clock that was not set: the fallback, such as the time the event was logged.
 */
function resolveTime(column: SourceColumn, { source, forms: { zone } }: ReadPlan): string {
  if (column.fallback !== undefined) {
    const logged = fallbackColumn(source, column);
    return `case when ${isUnset(givenColumn(column))} and not (${isUnset(logged)}) then ${logged} else ${givenColumn(column)} end`;
  }
  const [value, notBefore, text] = [givenColumn(column), identifier(column.notBefore!), textColumn(column.name)];
  const pass =
    zone === 'UTC'
      ? value
      : `case when ${value} < ${notBefore} and not shows_zone(${text}) then second_instant(${value}, ${literal(zone)}) else ${value} end`;
  return `case when ${value} < timestamp '1970-01-02' and (is_zero_time(${text}) or ${value} = timestamp '1970-01-01') then null else ${pass} end`;
}

/** Name of the value of a column's fallback as the file has it. */
const fallbackColumn = (source: Source, { fallback }: SourceColumn): string =>
  givenColumn(source.columns.find(({ name }) => name === fallback)!);

/** SQL condition for a time from before there were networked charge points. */
const isUnset = (time: string): string => `${time} < timestamp '2008-01-01'`;

/** Whether a column holds numbers that may have decimals. */
export const isNumericColumn = ({ type }: Pick<SourceColumn, 'type'>): boolean =>
  type === 'DOUBLE' || type.startsWith('DECIMAL');

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

/** Reason for a number that can only be read if its decimal mark is known. */
export const ambiguousNumber = 'may have a decimal comma; decimal_mark is not set';

/** Whether the value of a column may be unreadable without rejecting the row. */
const isOptional = ({ source, mapping, fieldMap }: ReadPlan, { name, format }: SourceColumn): boolean =>
  source.inputs.some((input) => input.name === name) ||
  // A generic name, such as type, may hold something else.
  (format === 'current_type' &&
    !mapping &&
    (fieldMap.get(name) ?? []).every((field) => normalizeHeader(field) !== normalizeHeader(name)));

/** SQL condition that the file has a text for a column which `value`, a stage of reading it, could not represent. */
const isUnread = ({ name }: SourceColumn, value: string): string =>
  `${value} is null and ${textColumn(name)} is not null`;

/** Checks for values that can only be read if the date order or the decimal mark is known. */
function ambiguityChecks(plan: ReadPlan, column: SourceColumn): RowCheck[] {
  const { name, type, unit = '' } = column;
  const { dateOrder, decimalMark } = plan.forms;
  const check = (test: string, reason: string): RowCheck => ({
    when: `case when ${isUnread(column, givenColumn(column))} then ${test} else false end`,
    column: name,
    reason,
    ...(isOptional(plan, column) ? {} : { refinesOther: true }),
  });
  if (['TIMESTAMP', 'DATE'].includes(type) && dateOrder === undefined)
    return [check(`is_day_or_month_first(${textColumn(name)})${notZeroTime(column)}`, ambiguousDate)];
  if (isNumericColumn(column) && decimalMark === undefined)
    return [check(`needs_decimal_mark(${textColumn(name)}, ${literal(unit)})`, ambiguousNumber)];
  return [];
}

const notZeroTime = ({ name, notBefore }: SourceColumn): string =>
  notBefore === undefined ? '' : ` and not is_zero_time(${textColumn(name)})`;

function columnChecks(plan: ReadPlan, column: SourceColumn): RowCheck[] {
  const { name, type, values, required } = column;
  const text = textColumn(name);
  const value = givenColumn(column);
  const missingChecks = required ? [missingCheck({ name }, `${text} is null`)] : [];
  if ((type === 'VARCHAR' && !values) || isOptional(plan, column)) return missingChecks;
  const finite = type === 'DOUBLE' ? ` or not isfinite(${value})` : '';
  const reason = values
    ? `must be one of ${values.join(', ')}`
    : (reasonByType[type] ?? (isIntegerType(type) ? 'not a valid integer' : 'not a valid number'));
  const when =
    column.notBefore === undefined
      ? `${isUnread(column, value)}${finite}`
      : `case when ${isUnread(column, value)} then not is_zero_time(${text}) else false end`;
  return [...missingChecks, { when, column: name, reason }];
}

const missingCheck = ({ name }: Pick<SourceColumn, 'name'>, when: string): RowCheck => ({
  when,
  column: name,
  reason: 'is missing',
});

/** Notes about one column: times that mean none, local times that do not exist, and unreadable values of optional columns. */
function columnNotes(plan: ReadPlan, column: SourceColumn): RowNote[] {
  const { name, type, values, notBefore } = column;
  const value = givenColumn(column);
  return [
    ...(notBefore === undefined
      ? []
      : [{ when: isUnread(column, resolvedColumn(column)), column: name, reason: null }]),
    ...(column.fallback === undefined || !suppliedColumns(plan).includes(column.fallback)
      ? []
      : [
          {
            when: `${isUnset(value)} and not (${isUnset(resolvedColumn(column))})`,
            column: name,
            reason: `is before 2008; ${column.fallback} is used`,
          },
        ]),
    ...(type === 'TIMESTAMP' && plan.forms.zone !== 'UTC' ? skippedTimeNotes(column, plan.forms) : []),
    ...(isOptional(plan, column) && type !== 'VARCHAR'
      ? [{ when: isUnread(column, value), column: name, reason: 'not a valid number; ignored' }]
      : []),
    ...(isOptional(plan, column) && values
      ? [
          {
            when: isUnread(column, value),
            column: name,
            reason: `not one of ${values.join(', ')}; imported as empty`,
            reasonIfIgnored: `not one of ${values.join(', ')} in any row; the column is ignored`,
          },
        ]
      : []),
  ];
}

/** A local time that clocks skip is later on the clock than in the file. Only an hour after such a change can have one. */
function skippedTimeNotes(column: SourceColumn, valueFormats: ValueFormats): RowNote[] {
  const { zone } = valueFormats;
  const hours = hoursAfterSkips(zone);
  if (hours.length === 0) return [];
  const [text, value] = [textColumn(column.name), givenColumn(column)];
  const written = timestampOf(text, { ...valueFormats, zone: 'UTC' }, false);
  return [
    {
      when: `case when hour(${value}) in (${hours.join(', ')})
        then case when ${written} < timezone(${literal(zone)}, timezone('UTC', ${value})) then not shows_zone(${text}) else false end else false end`,
      column: column.name,
      reason: `does not exist in ${zone}: clocks skip it`,
    },
  ];
}

/** Warnings of the source that use a field which is not stored. */
const inputNotes = ({ source }: ReadPlan, supplied: ReadonlySet<string>): RowNote[] =>
  source.warnings.filter(({ when }) => {
    const used = referencedColumns(when, source).filter((name) => source.inputs.some((input) => input.name === name));
    return used.length > 0 && used.every((name) => supplied.has(name));
  });
