import type { RawParameters, Report } from '../../catalog/definitions.ts';
import { WattduckError } from '../../errors/wattduck-error.ts';
import { suggest } from '../../text/names.ts';
import { clipped } from '../../text/plain-text.ts';

/** What clients add of their own, and is no parameter of a report. */
const trackingParams = /^(token|cli_version|utm_.*|__tb__.*)$/;
/** Whether a parameter is one that clients add, and no server needs. */
export const isTrackingParam = (name: string): boolean => name === 'from' || trackingParams.test(name);
/** How clients sign their requests, by `from`. */
const clientNames = /^(ts-sdk|mockingbird)$/;
const isDate = /^\d{4}-\d\d/;

/**
 * Parameters of a report as a URL or a form gives them.
 * @throws WattduckError (usage) for one given twice, and for a body that gives none
 */
export const reportParams = (report: Report, ...sources: readonly unknown[]): RawParameters =>
  collectParams(
    report.parameters.map(({ name }) => name),
    sources,
  );

/**
 * Parameters of a route that has these.
 * @throws WattduckError (usage) for one given twice, or not known
 */
export function routeParams<const Name extends string>(
  known: readonly Name[],
  ...sources: readonly unknown[]
): Partial<Record<Name, string>> {
  const params = collectParams(known, sources);
  for (const name of Object.keys(params)) {
    if (!known.some((each) => each === name))
      throw new WattduckError('usage', clipped`unknown parameter ${name}`, suggest(name, known));
  }
  return params as Partial<Record<Name, string>>;
}

/** @throws WattduckError (usage) for a value that is none of those accepted */
export function parseChoice<const Choice extends string>(
  name: string,
  value: string | undefined,
  choices: readonly Choice[],
): Choice | undefined {
  const chosen = choices.find((each) => each === value);
  if (value !== undefined && chosen === undefined)
    throw new WattduckError('usage', clipped`${name}: "${value}" is not accepted`, suggest(value, choices, 'Accepted'));
  return chosen;
}

function collectParams(known: readonly string[], sources: readonly unknown[]): RawParameters {
  // Without a prototype a parameter may have any name.
  const params = Object.create(null) as RawParameters;
  for (const [rawName, value] of sources.flatMap(entriesOf)) {
    // A URL that was copied from a web page may have its ampersands as the page has them.
    const name = rawName.replace(/^amp;/, '');
    if (!known.includes(name) && trackingParams.test(name)) continue;
    const values =
      name === 'from' ? [value].flat().filter((each) => !isClientName(each, known.includes('from'))) : [value].flat();
    if (values.length === 0) continue;
    if (values.length > 1 || params[name] !== undefined)
      throw new WattduckError('usage', clipped`${name} is given more than once`, 'Give it once.');
    params[name] = parseText(name, values[0]);
  }
  return params;
}

const isClientName = (value: unknown, isParameter: boolean): boolean =>
  typeof value === 'string' && (clientNames.test(value) || (!isParameter && !isDate.test(value)));

function entriesOf(source: unknown): [name: string, value: unknown][] {
  if (source === undefined || source === null) return [];
  if (typeof source !== 'object' || Array.isArray(source))
    throw new WattduckError('usage', 'the body gives no parameters', 'Send them as a form: name=value&name=value.');
  return Object.entries(source);
}

function parseText(name: string, value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value === 'object')
    throw new WattduckError('usage', clipped`${name} is no plain value`, 'Give a text or a number.');
  return String(value);
}
