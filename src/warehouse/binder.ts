import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  DuckDBTimestampValue,
  TIMESTAMP,
  VARCHAR,
  type DuckDBType,
  type DuckDBValue,
} from '@duckdb/node-api';
import type { Parameter, RawParameters } from '../catalog/definitions.ts';
import { findRole, periodInsteadOf } from '../catalog/period-parameters.ts';
import { WattduckError } from '../errors/wattduck-error.ts';
import { parseCalendarPeriod } from '../text/calendar-period.ts';
import { suggest } from '../text/names.ts';
import { validateCurrency } from './base-currency.ts';
import type { Bindings } from './connection.ts';
import { literal, type DuckDb } from './duckdb.ts';
import { instantsOfLocalTime, validateTimeZone } from './time-zone.ts';

export interface BindContext {
  /** Default of parameters with the role `now`. */
  now: Date;
  /** Name of a parameter in messages: `--start-date` on the command line, `start_date` in a URL. */
  label(name: string): string;
  /** Name of the token of the HTTP request: default of parameters with the role `caller`. */
  caller?: string | undefined;
  /** A sentence with some existing values of a parameter, for messages. */
  valuesHint?(name: string): Promise<string | undefined>;
}

export interface BoundParameters {
  /** Bindings of the parameters in the SQL. */
  bindings: Bindings;
  /** Bindings of all parameters. */
  allBindings: Bindings;
  /** Parameters as text, with defaults. */
  rawValues: RawParameters;
}

const instantPattern =
  /^\d{4}-\d{2}-\d{2}(?:[ T]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?<offset>Z|[+-](?:0\d|1[0-5])(?::?[0-5]\d)?)?)?$/;
const datePattern = /^\d{4}-\d{2}-\d{2}$/;

/**
 * Converts parameters from text to bound values, for the command line and for HTTP.
 * @throws WattduckError (usage) for unknown, missing and invalid parameters
 */
export async function bind(
  duckdb: DuckDb,
  parameters: readonly Parameter[],
  params: RawParameters,
  context: BindContext,
): Promise<BoundParameters> {
  const names = parameters.map((parameter) => parameter.name);
  for (const name of Object.keys(params)) {
    if (params[name] !== undefined && !names.includes(name)) {
      throw new WattduckError('unknown_parameter', {
        parameter: context.label(name),
        suggestion: suggest(name, names),
      });
    }
  }
  for (const { name, excludes } of parameters) {
    if (excludes !== undefined && params[name] !== undefined && params[excludes] !== undefined)
      throw new WattduckError('exclusive_parameters', {
        parameter: context.label(name),
        other: context.label(excludes),
      });
  }
  const rawValues: RawParameters = {};
  const missing: Parameter[] = [];
  for (const parameter of parameters) {
    const { name, default: defaultValue, required, role } = parameter;
    rawValues[name] = params[name] ?? (role === 'caller' ? context.caller : defaultValue);
    if (role === 'base_currency' && rawValues[name] !== undefined)
      rawValues[name] = validateCurrency(rawValues[name], context.label(name));
    if (required && rawValues[name] === undefined) missing.push(parameter);
  }
  if (missing.length > 0) throw await missingParameterError(missing, parameters, context);
  const zone = await resolveTimeZone(duckdb, parameters, rawValues, context);
  const values: Record<string, DuckDBValue> = {};
  const types: Record<string, DuckDBType> = {};
  for (const parameter of parameters) {
    const [value, type] = await bindValue(duckdb, parameter, rawValues[parameter.name], zone, context);
    values[parameter.name] = value;
    types[parameter.name] = type;
  }
  checkPeriod(parameters, rawValues, values, context);
  const allBindings = { values, types };
  return {
    bindings: pickBindings(
      allBindings,
      parameters.filter(({ inSql }) => inSql),
    ),
    allBindings,
    rawValues,
  };
}

/** One error for all missing parameters, with some existing values of them. */
async function missingParameterError(
  missing: readonly Parameter[],
  parameters: readonly Parameter[],
  { label, valuesHint }: BindContext,
): Promise<WattduckError> {
  const period = missing.map((parameter) => periodInsteadOf(parameter, parameters)).find((each) => each !== undefined);
  const [start, end] = [findRole({ parameters }, 'period_start'), findRole({ parameters }, 'period_end')];
  const bounds =
    period && start && end ? { start: label(start.name), end: label(end.name), period: label(period.name) } : undefined;
  const names = missing.map(({ name }) => label(name));
  if (names.length === 1 && bounds) return new WattduckError('missing_bound', { parameter: names[0], ...bounds });
  const sentences: string[] = bounds ? [`Set both ${bounds.start} and ${bounds.end}, or ${bounds.period}`] : [];
  for (const { name } of missing) {
    const values = await valuesHint?.(name);
    if (values !== undefined) sentences.push(values);
  }
  const hint = sentences.map((sentence) => sentence.replace(/(?<!…)$/, '.')).join(' ');
  return names.length === 1
    ? new WattduckError('missing_parameter', { parameter: names[0], hint })
    : new WattduckError('missing_parameters', { parameters: names.join(', ').replace(/, ([^,]*)$/, ' and $1'), hint });
}

/** Bindings of some parameters: DuckDB rejects any that are not in the statement. */
export function pickBindings({ values, types }: Bindings, parameters: readonly Parameter[]): Bindings {
  const names = parameters.map(({ name }) => name);
  const pick = <T>(from: Record<string, T>): Record<string, T> =>
    Object.fromEntries(Object.entries(from).filter(([name]) => names.includes(name)));
  return { values: pick(values), types: pick(types) };
}

async function bindValue(
  duckdb: DuckDb,
  parameter: Parameter,
  text: string | undefined,
  zone: string,
  context: BindContext,
): Promise<[DuckDBValue, DuckDBType]> {
  const { type, choices } = parameter;
  const label = context.label(parameter.name);
  const invalid = { value: text, parameter: label };
  if (text !== undefined && choices && !choices.includes(text)) {
    const ascendingChoices = choices.filter((choice) => !choice.startsWith('-'));
    throw new WattduckError('invalid_choice', { ...invalid, suggestion: suggest(text, ascendingChoices, 'Accepted') });
  }
  switch (type) {
    case 'TIMESTAMP':
      if (text !== undefined) return [await toInstant(duckdb, parameter, text, zone, context), TIMESTAMP];
      return [
        parameter.role === 'now' ? new DuckDBTimestampValue(BigInt(context.now.getTime()) * 1000n) : null,
        TIMESTAMP,
      ];
    case 'BIGINT':
    case 'INTEGER':
      if (text !== undefined && !isInteger(text, type)) {
        throw new WattduckError('invalid_integer', { ...invalid, example: parameter.default ?? 10 });
      }
      assertInRange(parameter, text, label);
      return [text === undefined ? null : BigInt(text), BIGINT];
    case 'DOUBLE':
      assertNumber(parameter, text, label);
      return [text === undefined ? null : Number(text), DOUBLE];
    case 'BOOLEAN':
      if (text !== undefined && !/^(true|false)$/i.test(text)) {
        throw new WattduckError('invalid_boolean', invalid);
      }
      return [text === undefined ? null : /^true$/i.test(text), BOOLEAN];
    case 'DATE':
      if (text !== undefined && !(datePattern.test(text) && (await isCastable(duckdb, text, 'date')))) {
        throw new WattduckError('invalid_date', invalid);
      }
      return [text ?? null, VARCHAR];
    default:
      assertMaxLength(parameter, text, label);
      if (type.startsWith('DECIMAL')) await assertDecimal(duckdb, parameter, text, label);
      return [text ?? null, VARCHAR];
  }
}

const numberPattern = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i;

function assertNumber(parameter: Parameter, text: string | undefined, label: string): void {
  if (text !== undefined && (!numberPattern.test(text) || !Number.isFinite(Number(text)))) {
    throw new WattduckError('invalid_number', { value: text, parameter: label });
  }
  assertInRange(parameter, text, label);
}

/** Asserts a number within the range of its decimal type. */
async function assertDecimal(
  duckdb: DuckDb,
  parameter: Parameter,
  text: string | undefined,
  label: string,
): Promise<void> {
  assertNumber(parameter, text, label);
  if (text !== undefined && !(await isCastable(duckdb, text, parameter.type)))
    throw new WattduckError('number_too_large', { value: text, parameter: label });
}

function assertMaxLength({ maxLength = Infinity }: Parameter, text: string | undefined, label: string): void {
  const length = [...(text ?? '')].length;
  if (length > maxLength) throw new WattduckError('value_too_long', { parameter: label, length, max: maxLength });
}

/** Whether a text is an integer within the range of its type. */
const isInteger = (text: string, type: string): boolean =>
  /^[+-]?\d{1,19}$/.test(text) && BigInt.asIntN(type === 'INTEGER' ? 32 : 64, BigInt(text)) === BigInt(text);

function assertInRange({ min, max }: Parameter, text: string | undefined, label: string): void {
  if (text === undefined) return;
  const value = Number(text);
  if ((min === undefined || value >= min) && (max === undefined || value <= max)) return;
  const range =
    min !== undefined && max !== undefined
      ? `between ${min} and ${max}`
      : min !== undefined
        ? `${min} or more`
        : `${max} or less`;
  throw new WattduckError('value_out_of_range', { value: text, parameter: label, range });
}

/**
 * Converts a date or time to an instant; without an offset it is local. A period's bound may be a year, quarter, month or week:
 * a start is its first moment, an end its last microsecond.
 */
export async function toInstant(
  duckdb: DuckDb,
  parameter: Parameter,
  value: string,
  zone: string,
  context: BindContext,
): Promise<DuckDBTimestampValue> {
  const { role } = parameter;
  const days = role === 'period_start' || role === 'period_end' ? parseCalendarPeriod(value) : undefined;
  const text = days === undefined ? value : role === 'period_start' ? days.from : days.to;
  const match = instantPattern.exec(text);
  // DuckDB requires seconds before an offset, and a colon in it.
  const normalized = match?.groups?.['offset']
    ? text.replace(/^(.{16})(?=[Z+-])/, '$1:00').replace(/([+-]\d\d)(\d\d)$/, '$1:$2')
    : text;
  if (!match || !(await isCastable(duckdb, normalized, match.groups?.['offset'] ? 'timestamptz' : 'timestamp')))
    throw new WattduckError('invalid_timestamp', { value, parameter: context.label(parameter.name) });
  if (match.groups?.['offset']) {
    const { micros } = await duckdb.localRow(`select epoch_us(${literal(normalized)}::timestamptz) as micros`);
    return new DuckDBTimestampValue(BigInt(String(micros)));
  }
  const isWholeDay = datePattern.test(text) && role === 'period_end';
  const local = `${literal(normalized)}::timestamp${isWholeDay ? ' + interval 1 day' : ''}`;
  const { first, last } = await instantsOfLocalTime(duckdb, local, zone);
  if (isWholeDay) return new DuckDBTimestampValue(first - 1n);
  // A time that occurs twice is its first pass at the start of a period and its second at the end, so that both are covered.
  // A day starts at the first of two midnights.
  const isEnd = !datePattern.test(text) && (role === 'period_end' || role === 'now');
  return new DuckDBTimestampValue(isEnd ? last : first);
}

async function isCastable(duckdb: DuckDb, text: string, type: string): Promise<boolean> {
  const { castable } = await duckdb.localRow(`select try_cast(${literal(text)} as ${type}) is not null as castable`);
  return castable === true;
}

async function resolveTimeZone(
  duckdb: DuckDb,
  parameters: readonly Parameter[],
  rawValues: RawParameters,
  context: BindContext,
): Promise<string> {
  const parameter = findRole({ parameters }, 'time_zone');
  const zone = parameter ? rawValues[parameter.name] : undefined;
  return parameter && zone !== undefined ? validateTimeZone(duckdb, zone, context.label(parameter.name)) : 'UTC';
}

function checkPeriod(
  parameters: readonly Parameter[],
  rawValues: RawParameters,
  values: Record<string, DuckDBValue>,
  context: BindContext,
): void {
  const from = findRole({ parameters }, 'period_start');
  const to = findRole({ parameters }, 'period_end');
  if (!from || !to) return;
  const [start, end] = [values[from.name], values[to.name]];
  if (start instanceof DuckDBTimestampValue && end instanceof DuckDBTimestampValue && start.micros > end.micros) {
    throw new WattduckError('reversed_period', {
      start_parameter: context.label(from.name),
      start: rawValues[from.name],
      end_parameter: context.label(to.name),
      end: rawValues[to.name],
    });
  }
}
