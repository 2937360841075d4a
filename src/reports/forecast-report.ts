import { VARCHAR } from '@duckdb/node-api';
import { selectionRoles, type RawParameters, type Report, type View } from '../catalog/definitions.ts';
import { findRole } from '../catalog/period-parameters.ts';
import { forecastName } from '../catalog/parameters.ts';
import { reportCte } from '../catalog/views.ts';
import { WattduckError } from '../errors/wattduck-error.ts';
import { minIndependent } from '../forecast/accuracy.ts';
import { forecastAll, workerPool } from '../forecast/forecast-all.ts';
import { minHistoryDays } from '../forecast/history.ts';
import { withPlan, type PlannedChange } from '../forecast/plan.ts';
import type { DailySeries, Forecast } from '../forecast/types.ts';
import { formatCount, pluralize } from '../text/format-number.ts';
import { clipped } from '../text/plain-text.ts';
import { pickBindings, type BindContext, type BoundParameters } from '../warehouse/binder.ts';
import type { Bindings } from '../warehouse/connection.ts';
import { identifier, type DuckDb } from '../warehouse/duckdb.ts';

/** Receives the progress of a forecast. */
export interface Progress {
  /** Called with the number of finished series and of all series. */
  onForecast?(done: number, total: number): unknown;
}

/** Forecasts as a binding of the report's SQL. */
export interface ForecastResult {
  /** Bindings of the SQL, with the forecasts. */
  bindings: Bindings;
  /** Notes for people. */
  notes: string[];
}

/** Maximum days in memory, of all series together. */
const maxDays = 10_000_000;
const maxHorizons = 12;
const [msPerDay, inactiveDays] = [86_400_000, 28];

const addDays = (day: string, days: number): string =>
  new Date(Date.parse(day) + days * msPerDay).toISOString().slice(0, 10);
const daysBetween = (from: string, to: string): number => Math.round((Date.parse(to) - Date.parse(from)) / msPerDay);
const lastDayOf = ({ firstDay, values }: DailySeries): string => addDays(firstDay, values.length - 1);

/**
 * Runs the daily series of a report and forecasts each of them.
 * Without a long enough history it returns no series, and a note.
 * @throws WattduckError (usage) for invalid horizons and too many days
 */
export async function runForecast(
  duckdb: DuckDb,
  report: Report,
  view: View,
  { bindings, allBindings, rawValues }: BoundParameters,
  context: BindContext & Progress,
): Promise<ForecastResult> {
  const horizons = parseHorizons(rawValues['horizons']!, context.label('horizons'));
  // Start the threads while the days are read.
  void workerPool();
  const series = await readSeries(duckdb, view, pickBindings(allBindings, view.parameters));
  const withForecasts = (items: object[], notes: string[]): ForecastResult => ({
    bindings: {
      values: { ...bindings.values, [forecastName]: JSON.stringify(items) },
      types: { ...bindings.types, [forecastName]: VARCHAR },
    },
    notes,
  });
  if (series.length === 0) return withForecasts([], [noHistoryNote(view, rawValues, context)]);
  if (series.every(({ values }) => values.length < minHistoryDays)) return withForecasts([], [tooShortNote(series)]);
  const forecasts = await forecastAll(series, { horizons, confidence: Number(rawValues['confidence']) }, (done) => {
    duckdb.throwIfInterrupted();
    context.onForecast?.(done, series.length);
  });
  const plan = parsePlan(rawValues['plan'], series, context.label('plan'));
  const planned = forecasts.map((each, at) =>
    each && plan.length > 0 ? withPlan(each, plan, series[at]!.active.at(-1)!) : each,
  );
  // Daily values are large, so only reports that use them get them.
  const history = report.views.some(({ name }) => name === 'forecast_days') ? Number(rawValues['history']) : undefined;
  return withForecasts(
    series.map((each, at) => toForecastJson(each, planned[at], horizons, history)),
    [
      ...inactivityNote(series, report, context),
      ...(report.views.some(({ name }) => name === 'forecast_models') ? coverageNote(forecasts, horizons) : []),
    ],
  );
}

/** Notes horizons with too few independent past periods for a coverage. */
function coverageNote(forecasts: readonly (Forecast | undefined)[], horizons: readonly number[]): string[] {
  const unclear = horizons.filter((days) =>
    forecasts.some((forecast) =>
      forecast?.totals.some(
        ({ horizonDays, independent }) => horizonDays === days && independent > 0 && independent < minIndependent,
      ),
    ),
  );
  return unclear.length === 0
    ? []
    : [
        `coverage of ${unclear.join(', ')} days: too few independent past periods to tell (${minIndependent} are needed)`,
      ];
}

/** Parses horizons to distinct days in ascending order. */
function parseHorizons(text: string, label: string): number[] {
  const horizons = new Set(
    text.split(',').map((item) => {
      const days = /^\d{1,3}$/.test(item.trim()) ? Number(item) : 0;
      if (days >= 1 && days <= 365) return days;
      throw new WattduckError('invalid_horizon', { value: item.trim(), parameter: label });
    }),
  );
  if (horizons.size > maxHorizons)
    throw new WattduckError('too_many_horizons', { parameter: label, count: horizons.size, max: maxHorizons });
  return [...horizons].toSorted((a, b) => a - b);
}

/**
 * Parses planned charge points: `+10@2026-03-01,-2@2026-06-01`.
 * @throws WattduckError (usage) for another form, a day before the forecast, several series, or more closed points than active ones
 */
function parsePlan(text: string | undefined, series: readonly DailySeries[], parameter: string): PlannedChange[] {
  if (text === undefined) return [];
  const [first, ...others] = series;
  if (!first || others.length > 0)
    throw new WattduckError('plan_with_several_series', { parameter, series: formatCount(series.length) });
  const active = first.active.at(-1)!;
  if (active === 0) throw new WattduckError('plan_without_points', { parameter });
  const firstForecastDay = addDays(lastDayOf(first), 1);
  const plan = text.split(',').map((item): PlannedChange => {
    const value = item.trim();
    const [, points, day] = /^([+-]?\d{1,6})@(\d{4}-\d\d-\d\d)$/.exec(value) ?? [];
    const isDay = day !== undefined && Number.isFinite(Date.parse(day)) && addDays(day, 0) === day;
    if (points === undefined || !isDay) throw new WattduckError('invalid_plan', { value, parameter });
    if (day < firstForecastDay)
      throw new WattduckError('plan_before_forecast', { value, parameter, first: firstForecastDay });
    return { points: Number(points), day: daysBetween(firstForecastDay, day) };
  });
  let count = active;
  for (const { points } of plan.toSorted((a, b) => a.day - b.day)) {
    count += points;
    if (count < 0)
      throw new WattduckError('plan_closes_too_many', { value: text, parameter, active: formatCount(active) });
  }
  return plan;
}

/** Reads the series of a view. @throws WattduckError (invalid_daily_series) if a day is missing or repeated */
export async function readSeries(duckdb: DuckDb, view: View, bindings: Bindings): Promise<DailySeries[]> {
  const rows = await duckdb
    .rows(
      `${reportCte({ views: [view], grouped: true, sql: `select * from ${identifier(view.name)}` })}
     select coalesce(series, '') as name, min(day)::varchar as first_day, max(day)::varchar as last_day, count(distinct day) as days,
       coalesce(bool_and(isfinite(value) and active is not null), false) and count(value) = count(*) as is_complete,
       list_by(value, day) as daily_values, list_by(active, day) as active
     from report where fail_above((select count(*) from report), ${maxDays}, 'too many days') >= 0
     group by coalesce(series, '') order by name`,
      bindings,
    )
    .catch((error: unknown) => {
      if (!String(error).includes('too many days')) throw error;
      throw new WattduckError('too_much_history', { max: pluralize(maxDays, 'day') }, error);
    });
  return rows.map(
    ({ name, first_day: firstDay, last_day: lastDay, days, is_complete: isComplete, daily_values: values, active }) => {
      const series = {
        name: String(name),
        firstDay: String(firstDay),
        values: values as number[],
        active: active as number[],
      };
      const span = daysBetween(series.firstDay, String(lastDay)) + 1;
      if (isComplete && series.values.length === span && days === span) return series;
      throw new WattduckError('invalid_daily_series', {
        view: view.name,
        series: series.name === '' ? '' : ` of "${series.name}"`,
        rows: `${pluralize(series.values.length, 'row')}${isComplete ? '' : ', not all with a number,'}`,
        days: pluralize(span, 'day'),
        first: firstDay,
        last: lastDay,
      });
    },
  );
}

function noHistoryNote(view: View, rawValues: RawParameters, { label, now }: BindContext): string {
  const clock = findRole(view, 'now');
  const filters = view.parameters
    .filter(
      ({ name, role, default: defaultValue, choices }) =>
        rawValues[name] !== undefined &&
        rawValues[name] !== defaultValue &&
        (role === undefined || selectionRoles.some((each) => each === role)) &&
        choices === undefined,
    )
    .map(({ name }) => clipped`${label(name)} "${rawValues[name]}"`);
  const cutoff = (clock && rawValues[clock.name]) ?? `${now.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  const note = clipped`no history to forecast from before ${cutoff}`;
  return filters.length > 0
    ? `${note} with ${filters.join(' and ')}. Only complete days count. IDs and names are case-sensitive.`
    : `${note}. Only complete days count.`;
}

function tooShortNote(series: readonly DailySeries[]): string {
  const longestSeries = series.reduce((longest, each) => (each.values.length > longest.values.length ? each : longest));
  const { firstDay, values } = longestSeries;
  const dates = values.length === 1 ? `on ${firstDay}` : `from ${firstDay} to ${lastDayOf(longestSeries)}`;
  const subject = series.length === 1 ? '' : `the longest of ${formatCount(series.length)} series has `;
  return (
    `history too short to forecast: ${subject}${pluralize(values.length, 'day')} ${dates}. ` +
    `At least ${minHistoryDays} days are needed: import older data, or forecast from ${addDays(firstDay, minHistoryDays)} on.`
  );
}

/** A forecast as JSON for the SQL; without numbers if the history is too short. @param history number of past days to include */
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
      const { value, low, high, origins, independent, error, naiveError, coverage } =
        forecast?.totals.find(({ horizonDays }) => horizonDays === days) ?? {};
      return { horizon_days: days, value, low, high, origins, independent, error, naive_error: naiveError, coverage };
    }),
    first_day: addDays(firstDay, values.length - actual.length),
    actual,
    value: days.map(({ value }) => value),
    low: days.map(({ low }) => low),
    high: days.map(({ high }) => high),
  };
}

/** Notes a long period without activity before the forecast, such as in an old export. */
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
  const clock = findRole({ parameters }, 'now');
  return [
    `no activity since ${lastActiveDay}: the ${pluralize(daysBetween(lastActiveDay, lastDay), 'day')} before the forecast are empty${clock ? ` (use ${label(clock.name)} ${addDays(lastActiveDay, 1)} to forecast from there)` : ''}`,
  ];
}
