import type { RawParameters, Report } from '../catalog/definitions.ts';
import { namesOf, shownName } from '../catalog/period-parameters.ts';
import { toKebabCase } from '../text/names.ts';
import { shellWord } from '../text/shell-word.ts';

/** Settings that a command needs to give the same answer as the page. */
export interface CommandSettings {
  /** Path of the database as the command names it; undefined for the default. */
  database?: string | undefined;
  /** Address of the other engine that runs reports, instead of the database. */
  engine?: string | undefined;
  tz?: string | undefined;
  currency?: string | undefined;
}

/** The command line that runs a report with the same parameters, as one line for a POSIX shell. */
export function reportCommandLine(
  report: Pick<Report, 'name' | 'parameters'>,
  params: RawParameters,
  { database, engine, tz, currency }: CommandSettings = {},
): string {
  const words = ['wattduck', 'report', toKebabCase(report.name)];
  const settings = new Map([
    engine === undefined ? ['db', database] : ['engine', engine],
    ['tz', tz],
    ['base-currency', currency],
  ]);
  for (const parameter of report.parameters) {
    const value = namesOf(parameter)
      .map((name) => params[name])
      .find((each) => each !== undefined);
    if (value === undefined) continue;
    if (parameter.role === 'time_zone') settings.set('tz', value);
    else if (parameter.role === 'base_currency') settings.set('base-currency', value);
    else if (parameter.role !== 'total') words.push(...option(toKebabCase(shownName(parameter)), value));
    else if (/^true$/i.test(value)) words.push(`--${toKebabCase(parameter.name)}`);
  }
  for (const [name, value] of settings) if (value !== undefined) words.push(...option(name, value));
  return words.map(shellWord).join(' ');
}

/** An option with its value. A value that could be an option itself is joined to its name. */
const option = (name: string, value: string): string[] =>
  value.startsWith('-') ? [`--${name}=${value}`] : [`--${name}`, value];

/** The command line that requests a URL. @param needsToken whether the server requires a token */
export const curlCommandLine = (url: string, needsToken: boolean): string =>
  `curl ${needsToken ? '-H "Authorization: Bearer $WATTDUCK_TOKEN" ' : ''}${shellWord(url)}`;
