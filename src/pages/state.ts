import { DuckDBTimestampValue } from '@duckdb/node-api';
import type { PageDefinition, Parameter, RawParameters } from '../catalog/definitions.ts';
import { WattduckError } from '../errors/wattduck-error.ts';
import { earlierPeriod } from '../reports/compare.ts';
import { resolveReportZone } from '../reports/report-zone.ts';
import type { ResolveContext } from '../reports/resolve-parameters.ts';
import { parsePeriod, suggestPeriod } from '../text/calendar-period.ts';
import { suggest } from '../text/names.ts';
import { bind } from '../warehouse/binder.ts';
import type { DuckDb } from '../warehouse/duckdb.ts';
import { localDateOf, validateTimeZone } from '../warehouse/time-zone.ts';
import type { PageData, SourceExtent } from './data.ts';

/** Query parameters of every page. */
export const stateNames = ['from', 'to', 'period', 'site', 'tz', 'currency', 'compare', 'as_of'] as const;
export type StateName = (typeof stateNames)[number];

/** Comparisons with an earlier period, and none. */
export const comparisons = ['previous', 'year-ago', 'off'] as const;

/** What a page shows: its query parameters with all defaults. */
export interface PageState {
  /** ID in the address, for a page about one thing. */
  subject: string | undefined;
  /** First and last day, or times. */
  from: string;
  to: string;
  site: string | undefined;
  tz: string;
  currency: string | undefined;
  compare: (typeof comparisons)[number];
  /** UTC, as 2025-12-31T23:59:00Z. */
  asOf: string;
  /** Local date of `asOf`. */
  today: string;
  /** First and last day with data. */
  firstDay: string | undefined;
  lastDay: string | undefined;
  /** The newest record, if it is older than a day and decides on `asOf`. */
  dataEnd: number | undefined;
  /** What the comparison is with, such as `2025-07-05 to 2025-10-02`. */
  earlier: string | undefined;
  /** Number of days of the period, for the length of buckets. */
  days: number;
  /** The parameters that the reader set, as written. */
  given: Partial<Record<StateName, string>>;
}

const defaultDays = 90;
const msPerDay = 86_400_000;
const msPerMinute = 60_000;

const timestamp = { type: 'TIMESTAMP', required: false, inSql: true, description: '' } as const;
const text = { type: 'VARCHAR', required: false, inSql: true, description: '' } as const;

/** The state of a page as parameters of a report, which check it. */
const parameters: readonly Parameter[] = [
  { ...timestamp, name: 'from', role: 'period_start' },
  { ...timestamp, name: 'to', role: 'period_end' },
  { ...timestamp, name: 'as_of', role: 'now' },
  { ...text, name: 'tz', role: 'time_zone' },
  { ...text, name: 'compare', role: 'compare', choices: [...comparisons] },
];

/** The names of query parameters that a page does not know are rejected. @throws WattduckError (usage) */
export function assertStateNames(names: readonly string[], known: readonly string[] = stateNames): void {
  for (const name of names)
    if (!known.includes(name))
      throw new WattduckError('unknown_query_parameter', { name, suggestion: suggest(name, known) });
}

/**
 * The state of a page: what the reader set, and defaults from the data. The default period is the last 90 days with data, and
 * the default point in time the newest record, unless that is from today.
 * @throws WattduckError (usage) for an invalid value
 */
export async function resolveState(
  duckdb: DuckDb,
  page: PageDefinition,
  data: PageData,
  given: Partial<Record<StateName, string>>,
  subject: string | undefined,
  context: ResolveContext,
): Promise<PageState> {
  const site = page.subject === 'site' ? subject : given.site;
  const tz = await resolveZone(duckdb, page, subject, site, given.tz, context);
  const now = context.now.getTime();
  const { asOf: defaultAsOf, dataEnd } = defaultPointInTime(given.as_of === 'now' ? [] : allSources(page, data), now);
  const askedAsOf = given.as_of === 'now' ? undefined : given.as_of;
  const period = await parseNamedPeriod(duckdb, given, tz, askedAsOf ?? toInstantText(defaultAsOf), context);
  const asked: RawParameters = {
    tz,
    as_of: askedAsOf ?? toInstantText(defaultAsOf),
    compare: given.compare,
    from: given.from ?? period?.from,
    to: given.to ?? period?.to,
  };
  const checked = await bind(duckdb, parameters, asked, context);
  const asOf = millisecondsOf(checked.allBindings.values['as_of'])!;
  const today = await dayOf(duckdb, asOf, tz);
  const main = page.needs.map((name) => data.sources.get(name)).find((extent) => extent?.last !== undefined);
  const firstDay = main?.first === undefined ? undefined : await dayOf(duckdb, main.first, tz);
  const lastDay = main?.last === undefined ? undefined : await dayOf(duckdb, Math.min(main.last, asOf), tz);
  const bounds = defaultBounds(asked, firstDay, lastDay ?? today);
  const bound = await bind(duckdb, parameters, { ...asked, ...bounds }, context);
  const [start, end] = ['from', 'to'].map((name) => millisecondsOf(bound.allBindings.values[name])!);
  const compare = (asked['compare'] ?? 'previous') as PageState['compare'];
  // Nothing precedes a period that has not begun.
  const isComparable = compare !== 'off' && start! <= now;
  const earlier = isComparable ? await earlierRange(duckdb, { ...asked, ...bounds, compare }, tz, context) : undefined;
  return {
    subject,
    ...bounds,
    site,
    tz,
    currency: given.currency,
    compare: isComparable ? compare : 'off',
    asOf: toInstantText(asOf),
    today,
    firstDay,
    lastDay,
    dataEnd: given.as_of === undefined ? dataEnd : undefined,
    earlier,
    days: Math.max(1, Math.ceil((end! - start!) / msPerDay)),
    given,
  };
}

/** The zone of the reader, of the settings, of the site or of all sites. */
async function resolveZone(
  duckdb: DuckDb,
  page: PageDefinition,
  subject: string | undefined,
  site: string | undefined,
  asked: string | undefined,
  context: ResolveContext,
): Promise<string> {
  if (asked !== undefined) return validateTimeZone(duckdb, asked, context.label('tz'));
  const report = {
    parameters: [
      { ...text, name: 'tz', role: 'time_zone' as const },
      { ...text, name: 'site_id' },
      { ...text, name: 'station_id' },
    ],
  };
  const station = page.subject === 'charge_point' ? subject : undefined;
  const zone = await resolveReportZone(
    duckdb,
    report,
    { site_id: site, ...(site === undefined ? { station_id: station } : {}) },
    context.defaultTimeZone,
  );
  return zone?.name ?? 'UTC';
}

/** The sources of a page and of its tiles. */
const allSources = ({ needs, tiles }: PageDefinition, { sources }: PageData): SourceExtent[] =>
  [...new Set([...needs, ...tiles.flatMap((tile) => tile.needs)])].flatMap((name) => sources.get(name) ?? []);

/** The newest record, leaving out times in the future. */
function lastOf(extents: readonly SourceExtent[], now: number): number | undefined {
  const lasts = extents.flatMap(({ last }) => last ?? []).map((last) => Math.min(last, now));
  return lasts.length === 0 ? undefined : Math.max(...lasts);
}

/**
 * The point in time of a page: that of the newest record if it is older than a day, else now, both up to a whole minute.
 * Milliseconds since 1970.
 */
export function defaultPointInTime(
  extents: readonly SourceExtent[],
  now: number,
): { asOf: number; dataEnd: number | undefined } {
  const newest = lastOf(extents, now);
  const dataEnd = newest === undefined || newest > now - msPerDay ? undefined : newest;
  return { asOf: ceilMinute(dataEnd ?? now), dataEnd };
}

/** A named period instead of bounds. */
async function parseNamedPeriod(
  duckdb: DuckDb,
  { period, from, to }: Partial<Record<StateName, string>>,
  tz: string,
  asOf: string,
  context: ResolveContext,
): Promise<{ from: string; to: string } | undefined> {
  if (period === undefined) return undefined;
  const bound = from !== undefined ? 'from' : to !== undefined ? 'to' : undefined;
  if (bound !== undefined)
    throw new WattduckError('period_with_bounds', { parameter: context.label('period'), bound: context.label(bound) });
  const { allBindings } = await bind(duckdb, parameters, { tz, as_of: asOf }, context);
  const days = parsePeriod(period, await dayOf(duckdb, millisecondsOf(allBindings.values['as_of'])!, tz));
  if (!days)
    throw new WattduckError('invalid_period', {
      value: period,
      parameter: context.label('period'),
      suggestion: suggestPeriod(period),
    });
  return days;
}

/** Bounds that the reader did not set: the last 90 days with data, or as many from the other bound. */
function defaultBounds(
  { from, to }: RawParameters,
  firstDay: string | undefined,
  lastDay: string,
): { from: string; to: string } {
  if (from !== undefined && to !== undefined) return { from, to };
  if (from !== undefined) return { from, to: from.slice(0, 10) > lastDay ? from : lastDay };
  const end = to ?? lastDay;
  const start = addDays(end.slice(0, 10), 1 - defaultDays);
  const isBeforeData = firstDay !== undefined && start < firstDay && firstDay <= end.slice(0, 10);
  return { from: isBeforeData ? firstDay : start, to: end };
}

/** The days that a comparison is with. */
async function earlierRange(
  duckdb: DuckDb,
  params: RawParameters,
  tz: string,
  context: ResolveContext,
): Promise<string | undefined> {
  const report = { parameters } as unknown as Parameters<typeof earlierPeriod>[1];
  const bound = await bind(duckdb, parameters, params, context);
  // Reports without a point in time compare up to the clock.
  const { as_of: _, ...withoutNow } = params;
  const earlier = await earlierPeriod(duckdb, report, bound, {
    params: withoutNow,
    zone: { name: tz },
    context,
    notes: [],
  });
  return earlier?.note.replace(/^Compared with /, '').replace(/ \([a-z-]+\)$/, '');
}

const millisecondsOf = (value: unknown): number | undefined =>
  value instanceof DuckDBTimestampValue ? Number(value.micros / 1000n) : undefined;

const ceilMinute = (ms: number): number => Math.ceil(ms / msPerMinute) * msPerMinute;

/** An instant as 2025-12-31T23:59:00Z. */
export const toInstantText = (ms: number): string => new Date(ms).toISOString().replace(/\.000Z$/, 'Z');

const dayOf = (duckdb: DuckDb, ms: number, tz: string): Promise<string> => localDateOf(duckdb, BigInt(ms) * 1000n, tz);

/** A date some days later. */
export const addDays = (day: string, days: number): string =>
  new Date(Date.parse(day) + days * msPerDay).toISOString().slice(0, 10);

/** Everything that the page shows as query parameters with absolute times, for links that show the same later. */
export const pinnedParams = (state: PageState): RawParameters => ({
  from: state.from,
  to: state.to,
  ...(state.given.site === undefined ? {} : { site: state.given.site }),
  tz: state.tz,
  currency: state.currency,
  compare: state.compare,
  as_of: state.asOf,
});

/** The parameters for a link to another page: the same period, and what the reader chose. */
export const carriedParams = ({ from, to, given }: PageState): RawParameters => ({
  from,
  to,
  tz: given.tz,
  currency: given.currency,
  compare: given.compare,
  as_of: given.as_of,
});
