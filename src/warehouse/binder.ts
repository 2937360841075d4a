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
import type { Given, Parameter } from '../catalog/definitions.ts';
import { WattduckError } from '../errors.ts';
import { suggest } from '../text/names.ts';
import { clipped } from '../text/plain-text.ts';
import { literal, type Engine } from './engine.ts';
import type { Bindings } from './link.ts';
import { knownZone } from './zone.ts';

export interface BindContext {
  /** The clock, for parameters that default to now. */
  now: Date;
  /** How messages name a parameter: `--start-date` on the command line, `start_date` in a URL. */
  label(name: string): string;
  /** Name of the token of who asks over HTTP, for parameters that default to it. */
  caller?: string | undefined;
}

export interface Bound {
  /** Of the parameters the SQL names. */
  bindings: Bindings;
  /** Of all of them. */
  all: Bindings;
  /** Every parameter's text, defaults filled in. */
  texts: Given;
}

const instant =
  /^\d{4}-\d{2}-\d{2}(?:[ T]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?<offset>Z|[+-](?:0\d|1[0-5])(?::?[0-5]\d)?)?)?$/;
const bareDate = /^\d{4}-\d{2}-\d{2}$/;
const instantHint = 'Write 2024-01-31, "2024-01-31 23:59:59" or ISO 8601 with an offset.';

/**
 * The one way from texts to bound values, for the command line and HTTP alike.
 * @throws WattduckError (usage) naming parameter, value and what is accepted.
 */
export async function bind(
  engine: Engine,
  parameters: readonly Parameter[],
  given: Given,
  context: BindContext,
): Promise<Bound> {
  const names = parameters.map((parameter) => parameter.name);
  for (const name of Object.keys(given)) {
    if (given[name] !== undefined && !names.includes(name)) {
      throw new WattduckError('usage', clipped`unknown parameter ${context.label(name)}`, suggest(name, names));
    }
  }
  const texts: Given = {};
  for (const { name, default: preset, required, role } of parameters) {
    texts[name] = given[name] ?? (role === 'caller' ? context.caller : preset);
    if (required && texts[name] === undefined)
      throw new WattduckError('usage', clipped`${context.label(name)} is required`);
  }
  const zone = await timeZone(engine, parameters, texts, context);
  const values: Record<string, DuckDBValue> = {};
  const types: Record<string, DuckDBType> = {};
  for (const parameter of parameters) {
    const [value, type] = await typed(engine, parameter, texts[parameter.name], zone, context);
    values[parameter.name] = value;
    types[parameter.name] = type;
  }
  checkPeriod(parameters, texts, values, context);
  const all = { values, types };
  return {
    bindings: ofThese(
      all,
      parameters.filter(({ inSql }) => inSql),
    ),
    all,
    texts,
  };
}

/** What is bound of these parameters: a statement takes those it names, and no other. */
export function ofThese({ values, types }: Bindings, parameters: readonly Parameter[]): Bindings {
  const names = parameters.map(({ name }) => name);
  const picked = <T>(from: Record<string, T>): Record<string, T> =>
    Object.fromEntries(Object.entries(from).filter(([name]) => names.includes(name)));
  return { values: picked(values), types: picked(types) };
}

async function typed(
  engine: Engine,
  parameter: Parameter,
  text: string | undefined,
  zone: string,
  context: BindContext,
): Promise<[DuckDBValue, DuckDBType]> {
  const { type, choices } = parameter;
  const label = context.label(parameter.name);
  if (text !== undefined && choices && !choices.includes(text)) {
    throw new WattduckError(
      'usage',
      clipped`${label}: "${text}" is not accepted`,
      suggest(
        text,
        choices.filter((choice) => !choice.startsWith('-')),
        'Accepted',
      ),
    );
  }
  switch (type) {
    case 'TIMESTAMP':
      return [await toInstant(engine, parameter, text, zone, context), TIMESTAMP];
    case 'BIGINT':
    case 'INTEGER':
      if (text !== undefined && !isWhole(text, type)) {
        throw new WattduckError(
          'usage',
          clipped`${label}: "${text}" is no whole number`,
          clipped`Write for example ${label} ${parameter.default ?? 10}.`,
        );
      }
      inRange(parameter, text, label);
      return [text === undefined ? null : BigInt(text), BIGINT];
    case 'DOUBLE':
      isNumber(parameter, text, label);
      return [text === undefined ? null : Number(text), DOUBLE];
    case 'BOOLEAN':
      if (text !== undefined && !/^(true|false)$/i.test(text)) {
        throw new WattduckError('usage', clipped`${label}: "${text}" is neither true nor false`);
      }
      return [text === undefined ? null : /^true$/i.test(text), BOOLEAN];
    case 'DATE':
      if (text !== undefined && !(bareDate.test(text) && (await exists(engine, text, 'date')))) {
        throw new WattduckError('usage', clipped`${label}: "${text}" is no date`, 'Write it as 2024-01-31.');
      }
      return [text ?? null, VARCHAR];
    default:
      isShortEnough(parameter, text, label);
      if (type.startsWith('DECIMAL')) await isDecimal(engine, parameter, text, label);
      return [text ?? null, VARCHAR];
  }
}

const number = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i;

function isNumber(parameter: Parameter, text: string | undefined, label: string): void {
  if (text !== undefined && (!number.test(text) || !Number.isFinite(Number(text)))) {
    throw new WattduckError(
      'usage',
      clipped`${label}: "${text}" is no number`,
      'Write it with a decimal point, without thousands separators.',
    );
  }
  inRange(parameter, text, label);
}

/** A number its type can hold. */
async function isDecimal(engine: Engine, parameter: Parameter, text: string | undefined, label: string): Promise<void> {
  isNumber(parameter, text, label);
  if (text !== undefined && !(await exists(engine, text, parameter.type)))
    throw new WattduckError('usage', clipped`${label}: "${text}" is too large`);
}

function isShortEnough({ longest = Infinity }: Parameter, text: string | undefined, label: string): void {
  const letters = [...(text ?? '')].length;
  if (letters > longest)
    throw new WattduckError(
      'usage',
      clipped`${label} has ${letters} characters`,
      clipped`At most ${longest} are accepted.`,
    );
}

/** A whole number its type can hold. */
const isWhole = (text: string, type: string): boolean =>
  /^[+-]?\d{1,19}$/.test(text) && BigInt.asIntN(type === 'INTEGER' ? 32 : 64, BigInt(text)) === BigInt(text);

function inRange({ min, max }: Parameter, text: string | undefined, label: string): void {
  if (text === undefined) return;
  const value = Number(text);
  if ((min === undefined || value >= min) && (max === undefined || value <= max)) return;
  const accepted =
    min !== undefined && max !== undefined
      ? `between ${min} and ${max}`
      : min !== undefined
        ? `${min} or more`
        : `${max} or less`;
  throw new WattduckError('usage', clipped`${label} must be ${accepted}, got ${text}`);
}

/** A date or time as an instant: local without an offset; a bare date that ends a period means its last microsecond. */
async function toInstant(
  engine: Engine,
  parameter: Parameter,
  text: string | undefined,
  zone: string,
  context: BindContext,
): Promise<DuckDBTimestampValue | null> {
  if (text === undefined) {
    return parameter.role === 'now' ? new DuckDBTimestampValue(BigInt(context.now.getTime()) * 1000n) : null;
  }
  const refused = new WattduckError(
    'usage',
    clipped`${context.label(parameter.name)}: "${text}" is no date or time`,
    instantHint,
  );
  const form = instant.exec(text);
  // DuckDB wants seconds before an offset, and a colon in it.
  const written = form?.groups?.['offset']
    ? text.replace(/^(.{16})(?=[Z+-])/, '$1:00').replace(/([+-]\d\d)(\d\d)$/, '$1:$2')
    : text;
  if (!form || !(await exists(engine, written, form.groups?.['offset'] ? 'timestamptz' : 'timestamp'))) throw refused;

  const at = literal(written);
  const local = (wallClock: string): string => `epoch_us(timezone(${literal(zone)}, ${wallClock}))`;
  // Where a clock is set back at midnight, the day begins with the first of its two.
  const dayBegins = (day: string): string =>
    `(select epoch_us(t) - case when timezone(${literal(zone)}, t - interval 1 hour) = w then 3600000000 else 0 end
      from (select cast(${day} as timestamp) as w, timezone(${literal(zone)}, cast(${day} as timestamp)) as t))`;
  const sql = bareDate.test(text)
    ? parameter.role === 'period_end'
      ? `${dayBegins(`${at}::date + 1`)} - 1`
      : dayBegins(`${at}::date`)
    : form.groups?.['offset']
      ? `epoch_us(${at}::timestamptz)`
      : local(`${at}::timestamp`);
  const { micros } = await engine.row(`select ${sql} as micros`);
  return new DuckDBTimestampValue(BigInt(String(micros)));
}

async function exists(engine: Engine, text: string, type: string): Promise<boolean> {
  const { real } = await engine.row(`select try_cast(${literal(text)} as ${type}) is not null as real`);
  return real === true;
}

async function timeZone(
  engine: Engine,
  parameters: readonly Parameter[],
  texts: Given,
  context: BindContext,
): Promise<string> {
  const parameter = parameters.find(({ role }) => role === 'time_zone');
  const zone = parameter ? texts[parameter.name] : undefined;
  return parameter && zone !== undefined ? knownZone(engine, zone, context.label(parameter.name)) : 'UTC';
}

function checkPeriod(
  parameters: readonly Parameter[],
  texts: Given,
  values: Record<string, DuckDBValue>,
  context: BindContext,
): void {
  const from = parameters.find(({ role }) => role === 'period_start');
  const to = parameters.find(({ role }) => role === 'period_end');
  if (!from || !to) return;
  const [start, end] = [values[from.name], values[to.name]];
  if (start instanceof DuckDBTimestampValue && end instanceof DuckDBTimestampValue && start.micros > end.micros) {
    throw new WattduckError(
      'usage',
      clipped`${context.label(from.name)} ${texts[from.name]} is after ${context.label(to.name)} ${texts[to.name]}`,
      'Swap them.',
    );
  }
}
