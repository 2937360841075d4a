import { VARCHAR } from '@duckdb/node-api';
import type { RawParameters, Report, View } from '../catalog/definitions.ts';
import { forecastName } from '../catalog/parameters.ts';
import { reportCte } from '../catalog/views.ts';
import { WattduckError } from '../errors/wattduck-error.ts';
import { forecastAll, workerPool } from '../forecast/forecast-all.ts';
import { minHistoryDays } from '../forecast/history.ts';
import type { DailySeries, Forecast } from '../forecast/types.ts';
import { formatCount, pluralize } from '../text/format-number.ts';
import { clipped } from '../text/plain-text.ts';
import { pickBindings, type BindContext, type BoundParameters } from '../warehouse/binder.ts';
import type { Bindings } from '../warehouse/connection.ts';
import { identifier, type DuckDb } from '../warehouse/duckdb.ts';

/** How long work goes on. */
export interface Progress {
  /** Told how many series are forecast, of how many. */
  onForecast?(done: number, total: number): unknown;
}

/** What was forecast for a report. */
export interface ForecastResult {
  /** All its SQL names, what was forecast among it. */
  bindings: Bindings;
  /** What a person should know of the answer. */
  notes: string[];
}

/** Most days, of all series together, that are held in memory. */
const maxDays = 10_000_000;
const maxHorizons = 12;
const [msPerDay, inactiveDays] = [86_400_000, 28];

const addDays = (day: string, days: number): string =>
  new Date(Date.parse(day) + days * msPerDay).toISOString().slice(0, 10);
const daysBetween = (from: string, to: string): number => Math.round((Date.parse(to) - Date.parse(from)) / msPerDay);
const lastDayOf = ({ firstDay, values }: DailySeries): string => addDays(firstDay, values.length - 1);

/**
 * Runs the daily series of a report and forecasts each of them.
 * @throws WattduckError (usage) for bad horizons, and for more days than can be held; (failed) where no history is long enough
 */
export async function runForecast(
  duckdb: DuckDb,
  report: Report,
  view: View,
  { bindings, allBindings, rawValues }: BoundParameters,
  context: BindContext & Progress,
): Promise<ForecastResult> {
  const horizons = parseHorizons(rawValues['horizons']!, context.label('horizons'));
  // They begin while the days are read.
  void workerPool();
  const series = await readSeries(duckdb, view, pickBindings(allBindings, view.parameters));
  if (series.length === 0) throw noHistoryError(view, rawValues, context);
  if (series.every(({ values }) => values.length < minHistoryDays)) throw tooShortError(series);
  const forecasts = await forecastAll(series, { horizons, confidence: Number(rawValues['confidence']) }, (done) => {
    duckdb.throwIfInterrupted();
    context.onForecast?.(done, series.length);
  });
  // Days are many: only who reads them is told them.
  const history = report.views.some(({ name }) => name === 'forecast_days') ? Number(rawValues['history']) : undefined;
  const json = JSON.stringify(series.map((each, at) => toForecastJson(each, forecasts[at], horizons, history)));
  return {
    bindings: {
      values: { ...bindings.values, [forecastName]: json },
      types: { ...bindings.types, [forecastName]: VARCHAR },
    },
    notes: inactivityNote(series, report, context),
  };
}

/** Horizons in ascending order, each once. */
function parseHorizons(text: string, label: string): number[] {
  const horizons = new Set(
    text.split(',').map((item) => {
      const days = /^\d{1,3}$/.test(item.trim()) ? Number(item) : 0;
      if (days >= 1 && days <= 365) return days;
      throw new WattduckError(
        'usage',
        clipped`${label}: "${item.trim()}" is no number of days`,
        'Write whole numbers from 1 to 365, separated by commas, like 30,60,90.',
      );
    }),
  );
  if (horizons.size > maxHorizons)
    throw new WattduckError(
      'usage',
      clipped`${label} has ${horizons.size} horizons`,
      clipped`At most ${maxHorizons} are accepted.`,
    );
  return [...horizons].toSorted((a, b) => a - b);
}

/** The series of a view, each with its days in their order, none left out. */
export async function readSeries(duckdb: DuckDb, view: View, bindings: Bindings): Promise<DailySeries[]> {
  const rows = await duckdb
    .rows(
      `${reportCte({ views: [view], grouped: true, sql: `select * from ${identifier(view.name)}` })}
     select coalesce(series, '') as name, min(day)::varchar as first_day, max(day)::varchar as last_day, count(distinct day) as days,
       coalesce(bool_and(isfinite(value) and active is not null), false) and count(value) = count(*) as is_whole,
       list(value order by day) as measured, list(active order by day) as active
     from report where case when (select count(*) from report) > ${maxDays} then error('too many days') else true end
     group by coalesce(series, '') order by name`,
      bindings,
    )
    .catch((error: unknown) => {
      if (!String(error).includes('too many days')) throw error;
      throw new WattduckError(
        'usage',
        clipped`more than ${pluralize(maxDays, 'day')} of history in all series together`,
        'Choose fewer series.',
        error,
      );
    });
  return rows.map(({ name, first_day: firstDay, last_day: lastDay, days, is_whole: isWhole, measured, active }) => {
    const series = {
      name: String(name),
      firstDay: String(firstDay),
      values: measured as number[],
      active: active as number[],
    };
    const span = daysBetween(series.firstDay, String(lastDay)) + 1;
    if (isWhole && series.values.length === span && days === span) return series;
    throw new WattduckError(
      'failed',
      clipped`${view.name} is no daily series${series.name === '' ? '' : ` of "${series.name}"`}: ${pluralize(series.values.length, 'row')}${isWhole ? '' : ', not all with a number,'} for the ${pluralize(span, 'day')} from ${firstDay} to ${lastDay}`,
      'It should have every day once, with 0 where there was nothing.',
    );
  });
}

function noHistoryError(view: View, rawValues: RawParameters, { label, now }: BindContext): WattduckError {
  const clock = view.parameters.find(({ role }) => role === 'now');
  const filters = view.parameters
    .filter(
      ({ name, role, default: defaultValue, choices }) =>
        rawValues[name] !== undefined &&
        rawValues[name] !== defaultValue &&
        role === undefined &&
        choices === undefined,
    )
    .map(({ name }) => `${label(name)} "${rawValues[name]}"`);
  const cutoff = (clock && rawValues[clock.name]) ?? `${now.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return new WattduckError(
    'failed',
    clipped`no history to forecast from before ${cutoff}${filters.length > 0 ? ` with ${filters.join(' and ')}` : ''}`,
    `Only days that are over count${filters.length > 0 ? '; names are told apart by upper and lower case' : ''}.`,
  );
}

function tooShortError(series: readonly DailySeries[]): WattduckError {
  const longestSeries = series.reduce((longest, each) => (each.values.length > longest.values.length ? each : longest));
  const { firstDay, values } = longestSeries;
  const span = `${pluralize(values.length, 'day')} of history, ${values.length === 1 ? firstDay : `from ${firstDay} to ${lastDayOf(longestSeries)}`},`;
  const what =
    series.length === 1
      ? `${span} ${values.length === 1 ? 'is' : 'are'} too short to forecast from`
      : `${span} the longest of ${formatCount(series.length)} series, are too short to forecast from`;
  return new WattduckError(
    'failed',
    what,
    `At least ${minHistoryDays} days are needed: take in what is older, or forecast from ${addDays(firstDay, minHistoryDays)} on.`,
  );
}

/** What was found of a series, as the SQL reads it; a history too short has no numbers. @param history days of it to be told, if any are */
function toForecastJson(
  series: DailySeries,
  forecast: Forecast | undefined,
  horizons: readonly number[],
  history: number | undefined,
): object {
  const { name, firstDay, values, active } = series;
  const actual = history === undefined ? [] : values.slice(Math.max(0, values.length - history));
  const days = history === undefined ? [] : (forecast?.days ?? []);
  return {
    series: name,
    model: forecast?.model,
    outliers: forecast?.outliers,
    active: active.at(-1),
    history_from: firstDay,
    history_to: lastDayOf(series),
    history_days: values.length,
    totals: horizons.map((days) => {
      const { value, low, high, origins, error, naiveError, coverage } =
        forecast?.totals.find(({ horizonDays }) => horizonDays === days) ?? {};
      return { horizon_days: days, value, low, high, origins, error, naive_error: naiveError, coverage };
    }),
    first_day: addDays(firstDay, values.length - actual.length),
    actual,
    value: days.map(({ value }) => value),
    low: days.map(({ low }) => low),
    high: days.map(({ high }) => high),
  };
}

/** That there was nothing for long, which is forecast to go on: an old export, or a network that was closed. */
function inactivityNote(allSeries: readonly DailySeries[], { parameters }: Report, { label }: BindContext): string[] {
  const lastDay = allSeries.map(lastDayOf).toSorted().at(-1)!;
  const lastActiveDay = allSeries
    .flatMap(({ firstDay, values }) => {
      const at = values.findLastIndex((value) => value !== 0);
      return at < 0 ? [] : [addDays(firstDay, at)];
    })
    .toSorted()
    .at(-1);
  if (
    lastActiveDay === undefined ||
    allSeries.some(({ active }) => active.at(-1) !== 0) ||
    daysBetween(lastActiveDay, lastDay) < inactiveDays
  )
    return [];
  const clock = parameters.find(({ role }) => role === 'now');
  return [
    `nothing since ${lastActiveDay}: the ${pluralize(daysBetween(lastActiveDay, lastDay), 'day')} before the forecast are empty${clock ? `; ${label(clock.name)} ${addDays(lastActiveDay, 1)} forecasts from there` : ''}`,
  ];
}
