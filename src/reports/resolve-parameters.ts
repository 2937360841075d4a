import type { Parameter, RawParameters, Report } from '../catalog/definitions.ts';
import { findRole, namesOf } from '../catalog/period-parameters.ts';
import { WattduckError } from '../errors/wattduck-error.ts';
import { parsePeriod, suggestPeriod, type DayRange } from '../text/calendar-period.ts';
import { toInstant, type BindContext } from '../warehouse/binder.ts';
import type { DuckDb } from '../warehouse/duckdb.ts';
import { localDateOf, validateTimeZone } from '../warehouse/time-zone.ts';
import { resolveReportZone, type ReportZone } from './report-zone.ts';

/** Parameters by their own names, with the bounds of a period and the time zone. */
export interface ResolvedParameters {
  params: RawParameters;
  zone: ReportZone | undefined;
  /** The same context; its labels are the names that the user wrote. */
  context: BindContext;
  /** Notes for people. */
  notes: string[];
}

/** What determines the values of parameters that are not set. */
export interface ResolveContext extends BindContext {
  /** Time zone of the settings; undefined if there is none. */
  defaultTimeZone?: string | undefined;
  /** Base currency of the settings; undefined if there is none. */
  baseCurrency?: string | undefined;
  /** Country or region of the settings whose holidays count in forecasts; undefined if there is none. */
  holidays?: { value: string | undefined; origin: string } | undefined;
}

/**
 * Resolves other names of parameters, the default time zone and base currency, and a named period to its first and last day.
 * @throws WattduckError (usage) for two values of one parameter, and for an invalid period
 */
export async function resolveParameters(
  duckdb: DuckDb,
  report: Report,
  given: RawParameters,
  runContext: ResolveContext,
): Promise<ResolvedParameters> {
  const { params, label } = resolveAliases(report.parameters, given, runContext.label);
  const { value: holidays, origin } = runContext.holidays ?? {};
  const takesHolidays = report.forecast && holidays !== undefined && params['holidays'] === undefined;
  if (takesHolidays) params['holidays'] = holidays;
  const context = {
    ...runContext,
    label: (name: string) => (takesHolidays && name === 'holidays' ? origin! : label(name)),
  };
  const zone = await resolveReportZone(duckdb, report, params, runContext.defaultTimeZone);
  const zoneParameter = findRole(report, 'time_zone');
  if (zone && zoneParameter) params[zoneParameter.name] = zone.name;
  const base = findRole(report, 'base_currency');
  if (base && runContext.baseCurrency !== undefined) params[base.name] ??= runContext.baseCurrency;
  const notes = await resolvePeriod(duckdb, report, params, zone?.name ?? 'UTC', context);
  return { params, zone, context, notes };
}

/** Replaces other names of parameters by their own. */
function resolveAliases(
  parameters: readonly Parameter[],
  given: RawParameters,
  label: BindContext['label'],
): { params: RawParameters; label: BindContext['label'] } {
  const params = { ...given };
  const writtenNames = new Map<string, string>();
  for (const parameter of parameters) {
    const [first, ...others] = namesOf(parameter).filter((name) => given[name] !== undefined);
    if (first === undefined) continue;
    const second = others.find((name) => given[name] !== given[first]);
    if (second !== undefined)
      throw new WattduckError('conflicting_parameter_names', {
        first: label(first),
        first_value: given[first],
        second: label(second),
        second_value: given[second],
      });
    for (const name of [first, ...others]) delete params[name];
    params[parameter.name] = given[first];
    writtenNames.set(parameter.name, first);
  }
  return { params, label: (name) => label(writtenNames.get(name) ?? name) };
}

/** Replaces a named period by its first and last day; returns a note with them. */
async function resolvePeriod(
  duckdb: DuckDb,
  report: Report,
  params: RawParameters,
  zone: string,
  context: BindContext,
): Promise<string[]> {
  const name = findRole(report, 'period')?.name;
  const text = name === undefined ? undefined : params[name];
  const [start, end] = [findRole(report, 'period_start'), findRole(report, 'period_end')];
  if (name === undefined || text === undefined || !start || !end) return [];
  const bound = [start, end].find((parameter) => params[parameter.name] !== undefined);
  if (bound)
    throw new WattduckError('period_with_bounds', { parameter: context.label(name), bound: context.label(bound.name) });
  const zoneParameter = findRole(report, 'time_zone');
  if (zoneParameter) await validateTimeZone(duckdb, zone, context.label(zoneParameter.name));
  const days = parsePeriod(text, await localDateOf(duckdb, await readNow(duckdb, report, params, zone, context), zone));
  if (!days)
    throw new WattduckError('invalid_period', {
      value: text,
      parameter: context.label(name),
      suggestion: suggestPeriod(text),
    });
  params[start.name] = days.from;
  params[end.name] = days.to;
  return [periodNote(days, zone)];
}

const periodNote = ({ from, to }: DayRange, zone: string): string =>
  `Period: ${from === to ? from : `${from} to ${to}`} (${zone})`;

/** The note with the days of a named period, if the report has a period. */
export function namedPeriodNote(
  report: Report,
  rawValues: RawParameters,
  zone: ReportZone | undefined,
): string | undefined {
  const [from, to] = [findRole(report, 'period_start'), findRole(report, 'period_end')].map(
    (parameter) => parameter && rawValues[parameter.name],
  );
  return from === undefined || to === undefined ? undefined : periodNote({ from, to }, zone?.name ?? 'UTC');
}

/** Microseconds of the point in time of a report, else of the clock. */
export async function readNow(
  duckdb: DuckDb,
  report: Report,
  params: RawParameters,
  zone: string,
  context: BindContext,
): Promise<bigint> {
  const now = findRole(report, 'now');
  const value =
    now && params[now.name] !== undefined ? await toInstant(duckdb, now, params[now.name]!, zone, context) : undefined;
  return value?.micros ?? BigInt(context.now.getTime()) * 1000n;
}
