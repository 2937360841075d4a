import type { RawParameters, Report } from '../../catalog/definitions.ts';
import { namesOf } from '../../catalog/period-parameters.ts';
import { WattduckError } from '../../errors/wattduck-error.ts';
import { suggest } from '../../text/names.ts';

/** Parameters that clients add, and no report has. */
const trackingParams = /^(token|cli_version|utm_.*|__tb__.*)$/;
/** True for a parameter that clients add and the server ignores. */
export const isTrackingParam = (name: string): boolean => name === 'from' || trackingParams.test(name);
/** Client names in `from`. */
const clientNames = /^(ts-sdk|mockingbird)$/;
const isDate = /^\d{4}(-|$)/;

/**
 * Parameters of a report from path, query and form.
 * @throws WattduckError (usage) for a repeated parameter, or a body that is not a form
 */
export const reportParams = (report: Report, ...sources: readonly unknown[]): RawParameters =>
  collectParams(
    report.parameters.flatMap(namesOf),
    sources,
    report.parameters.some(({ name }) => name === 'from'),
  );

/**
 * Parameters of a route.
 * @throws WattduckError (usage) for a repeated or unknown parameter
 */
export function routeParams<const Name extends string>(
  known: readonly Name[],
  ...sources: readonly unknown[]
): Partial<Record<Name, string>> {
  const params = collectParams(known, sources);
  for (const name of Object.keys(params)) {
    if (!known.some((each) => each === name))
      throw new WattduckError('unknown_query_parameter', { name, suggestion: suggest(name, known) });
  }
  return params as Partial<Record<Name, string>>;
}

/**
 * One of the accepted values; undefined if absent.
 * @throws WattduckError (invalid_query_value)
 */
export function parseChoice<const Choice extends string>(
  name: string,
  value: string | undefined,
  choices: readonly Choice[],
): Choice | undefined {
  const chosen = choices.find((each) => each === value);
  if (value !== undefined && chosen === undefined)
    throw new WattduckError('invalid_query_value', { name, value, suggestion: suggest(value, choices, 'Accepted') });
  return chosen;
}

/** @param isBound whether `from` is always a bound: as another name of one, it must look like a date */
function collectParams(
  known: readonly string[],
  sources: readonly unknown[],
  isBound = known.includes('from'),
): RawParameters {
  // No prototype: a parameter can have any name, such as __proto__.
  const params = Object.create(null) as RawParameters;
  for (const [rawName, value] of sources.flatMap(entriesOf)) {
    // A URL copied from HTML source may have &amp; for &.
    const name = rawName.replace(/^amp;/, '');
    if (!known.includes(name) && trackingParams.test(name)) continue;
    const values = name === 'from' ? [value].flat().filter((each) => !isClientName(each, isBound)) : [value].flat();
    if (values.length === 0) continue;
    if (values.length > 1 || params[name] !== undefined) throw new WattduckError('repeated_query_parameter', { name });
    params[name] = parseText(name, values[0]);
  }
  return params;
}

const isClientName = (value: unknown, isParameter: boolean): boolean =>
  typeof value === 'string' && (clientNames.test(value) || (!isParameter && !isDate.test(value)));

function entriesOf(source: unknown): [name: string, value: unknown][] {
  if (source === undefined || source === null) return [];
  if (typeof source !== 'object' || Array.isArray(source)) throw new WattduckError('body_not_form');
  return Object.entries(source);
}

function parseText(name: string, value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value === 'object') throw new WattduckError('parameter_not_scalar', { name });
  return String(value);
}
