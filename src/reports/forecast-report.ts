import { VARCHAR } from '@duckdb/node-api';
import type { Given, Report, View } from '../catalog/definitions.ts';
import { forecastName } from '../catalog/parameters.ts';
import { asReport } from '../catalog/views.ts';
import { WattduckError } from '../errors.ts';
import { forecastAll, threadsAtWork } from '../forecast/forecast-all.ts';
import { fewestDays } from '../forecast/history.ts';
import type { DailySeries, Forecast } from '../forecast/types.ts';
import { many, n } from '../text/format-number.ts';
import { clipped } from '../text/plain-text.ts';
import { ofThese, type BindContext, type Bound } from '../warehouse/binder.ts';
import { identifier, type Engine } from '../warehouse/engine.ts';
import type { Bindings } from '../warehouse/link.ts';

/** How long work goes on. */
export interface Progress {
  /** Told how many series are forecast, of how many. */
  forecasting?(done: number, of: number): unknown;
}

/** What was forecast for a report. */
export interface Forecasted {
  /** All its SQL names, what was forecast among it. */
  bindings: Bindings;
  /** What a person should know of the answer. */
  notes: string[];
}

/** Most days, of all series together, that are held in memory. */
const mostDays = 10_000_000;
const mostHorizons = 12;
const [dayLength, quietDays] = [86_400_000, 28];

const dayAfter = (day: string, days: number): string =>
  new Date(Date.parse(day) + days * dayLength).toISOString().slice(0, 10);
const daysBetween = (from: string, to: string): number => Math.round((Date.parse(to) - Date.parse(from)) / dayLength);
const lastDayOf = ({ firstDay, values }: DailySeries): string => dayAfter(firstDay, values.length - 1);

/**
 * Runs the daily series of a report and forecasts each of them.
 * @throws WattduckError (usage) for bad horizons, and for more days than can be held; (failed) where no history is long enough
 */
export async function forecastFor(
  engine: Engine,
  report: Report,
  view: View,
  { bindings, all, texts }: Bound,
  context: BindContext & Progress,
): Promise<Forecasted> {
  const horizons = horizonsIn(texts['horizons']!, context.label('horizons'));
  // They begin while the days are read.
  void threadsAtWork();
  const series = await readSeries(engine, view, ofThese(all, view.parameters));
  if (series.length === 0) throw nothing(view, texts, context);
  if (series.every(({ values }) => values.length < fewestDays)) throw tooShort(series);
  const found = await forecastAll(series, { horizons, confidence: Number(texts['confidence']) }, (done) => {
    engine.checkOn();
    context.forecasting?.(done, series.length);
  });
  // Days are many: only who reads them is told them.
  const history = report.views.some(({ name }) => name === 'forecast_days') ? Number(texts['history']) : undefined;
  const written = JSON.stringify(series.map((each, at) => inJson(each, found[at], horizons, history)));
  return {
    bindings: {
      values: { ...bindings.values, [forecastName]: written },
      types: { ...bindings.types, [forecastName]: VARCHAR },
    },
    notes: quietNote(series, report, context),
  };
}

/** Horizons in ascending order, each once. */
function horizonsIn(text: string, label: string): number[] {
  const horizons = new Set(
    text.split(',').map((written) => {
      const days = /^\d{1,3}$/.test(written.trim()) ? Number(written) : 0;
      if (days >= 1 && days <= 365) return days;
      throw new WattduckError(
        'usage',
        clipped`${label}: "${written.trim()}" is no number of days`,
        'Write whole numbers from 1 to 365, separated by commas, like 30,60,90.',
      );
    }),
  );
  if (horizons.size > mostHorizons)
    throw new WattduckError(
      'usage',
      clipped`${label} has ${horizons.size} horizons`,
      clipped`At most ${mostHorizons} are accepted.`,
    );
  return [...horizons].toSorted((a, b) => a - b);
}

/** The series of a view, each with its days in their order, none left out. */
export async function readSeries(engine: Engine, view: View, bindings: Bindings): Promise<DailySeries[]> {
  const rows = await engine
    .rows(
      `${asReport({ views: [view], grouped: true, sql: `select * from ${identifier(view.name)}` })}
     select coalesce(series, '') as name, min(day)::varchar as first_day, max(day)::varchar as last_day, count(distinct day) as days,
       coalesce(bool_and(isfinite(value) and active is not null), false) and count(value) = count(*) as is_whole,
       list(value order by day) as measured, list(active order by day) as active
     from report where case when (select count(*) from report) > ${mostDays} then error('too many days') else true end
     group by coalesce(series, '') order by name`,
      bindings,
    )
    .catch((error: unknown) => {
      if (!String(error).includes('too many days')) throw error;
      throw new WattduckError(
        'usage',
        clipped`more than ${many(mostDays, 'day')} of history in all series together`,
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
      clipped`${view.name} is no daily series${series.name === '' ? '' : ` of "${series.name}"`}: ${many(series.values.length, 'row')}${isWhole ? '' : ', not all with a number,'} for the ${many(span, 'day')} from ${firstDay} to ${lastDay}`,
      'It should have every day once, with 0 where there was nothing.',
    );
  });
}

function nothing(view: View, texts: Given, { label, now }: BindContext): WattduckError {
  const clock = view.parameters.find(({ role }) => role === 'now');
  const chosen = view.parameters
    .filter(
      ({ name, role, default: preset, choices }) =>
        texts[name] !== undefined && texts[name] !== preset && role === undefined && choices === undefined,
    )
    .map(({ name }) => `${label(name)} "${texts[name]}"`);
  const before = (clock && texts[clock.name]) ?? `${now.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return new WattduckError(
    'failed',
    clipped`no history to forecast from before ${before}${chosen.length > 0 ? ` with ${chosen.join(' and ')}` : ''}`,
    `Only days that are over count${chosen.length > 0 ? '; names are told apart by upper and lower case' : ''}.`,
  );
}

function tooShort(series: readonly DailySeries[]): WattduckError {
  const longest = series.reduce((most, each) => (each.values.length > most.values.length ? each : most));
  const { firstDay, values } = longest;
  const span = `${many(values.length, 'day')} of history, ${values.length === 1 ? firstDay : `from ${firstDay} to ${lastDayOf(longest)}`},`;
  const what =
    series.length === 1
      ? `${span} ${values.length === 1 ? 'is' : 'are'} too short to forecast from`
      : `${span} the longest of ${n(series.length)} series, are too short to forecast from`;
  return new WattduckError(
    'failed',
    what,
    `At least ${fewestDays} days are needed: take in what is older, or forecast from ${dayAfter(firstDay, fewestDays)} on.`,
  );
}

/** What was found of a series, as the SQL reads it; a history too short has no numbers. @param history days of it to be told, if any are */
function inJson(
  series: DailySeries,
  found: Forecast | undefined,
  horizons: readonly number[],
  history: number | undefined,
): object {
  const { name, firstDay, values, active } = series;
  const told = history === undefined ? [] : values.slice(Math.max(0, values.length - history));
  const days = history === undefined ? [] : (found?.days ?? []);
  return {
    series: name,
    model: found?.model,
    outliers: found?.outliers,
    active: active.at(-1),
    history_from: firstDay,
    history_to: lastDayOf(series),
    history_days: values.length,
    totals: horizons.map((days) => {
      const { value, low, high, origins, error, naiveError, coverage } =
        found?.totals.find(({ horizonDays }) => horizonDays === days) ?? {};
      return { horizon_days: days, value, low, high, origins, error, naive_error: naiveError, coverage };
    }),
    first_day: dayAfter(firstDay, values.length - told.length),
    actual: told,
    value: days.map(({ value }) => value),
    low: days.map(({ low }) => low),
    high: days.map(({ high }) => high),
  };
}

/** That there was nothing for long, which is forecast to go on: an old export, or a network that was closed. */
function quietNote(all: readonly DailySeries[], { parameters }: Report, { label }: BindContext): string[] {
  const lastDay = all.map(lastDayOf).toSorted().at(-1)!;
  const last = all
    .flatMap(({ firstDay, values }) => {
      const at = values.findLastIndex((value) => value !== 0);
      return at < 0 ? [] : [dayAfter(firstDay, at)];
    })
    .toSorted()
    .at(-1);
  if (last === undefined || all.some(({ active }) => active.at(-1) !== 0) || daysBetween(last, lastDay) < quietDays)
    return [];
  const clock = parameters.find(({ role }) => role === 'now');
  return [
    `nothing since ${last}: the ${many(daysBetween(last, lastDay), 'day')} before the forecast are empty${clock ? `; ${label(clock.name)} ${dayAfter(last, 1)} forecasts from there` : ''}`,
  ];
}
