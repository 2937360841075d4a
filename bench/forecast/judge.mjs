// Judges forecasts from calendar dates: coverage, errors, bias, and weighted interval score.
import { random } from '../../fixtures/lib/random.mjs';
import { originsOf } from './series.mjs';

export const horizons = [30, 60, 90];
const confidences = [0.8, 0.95];
const year = 364;

const sum = (values) => values.reduce((all, value) => all + value, 0);
export const mean = (values) => (values.length > 0 ? sum(values) / values.length : NaN);

/** Weighted interval score of a value and its intervals of 80 and 95 % (Bracher et al. 2021). */
function intervalScore(actual, value, intervals) {
  const score = ([low, high], alpha) =>
    high - low + (2 / alpha) * (Math.max(0, low - actual) + Math.max(0, actual - high));
  const parts = intervals.map((interval, at) => ((1 - confidences[at]) / 2) * score(interval, 1 - confidences[at]));
  return (0.5 * Math.abs(actual - value) + sum(parts)) / (intervals.length + 0.5);
}

/** The 28-day mean with an interval of its own past errors (split conformal prediction). */
function meanForecast(values, horizon) {
  const at = (days) => (horizon * sum(values.slice(Math.max(0, days - 28), days))) / Math.min(28, days);
  const errors = [];
  for (let days = values.length - horizon; days >= 28; days -= 7) {
    const forecast = at(days);
    if (forecast > 0) errors.push(Math.abs(sum(values.slice(days, days + horizon)) / forecast - 1));
  }
  errors.sort((a, b) => a - b);
  const value = at(values.length);
  const width = (confidence) => errors[Math.min(errors.length, Math.ceil((errors.length + 1) * confidence)) - 1] ?? 1;
  return {
    value,
    intervals: confidences.map((confidence) => [
      Math.max(0, value * (1 - width(confidence))),
      value * (1 + width(confidence)),
    ]),
  };
}

/** Forecast of both confidences, by horizon. */
function forecastBoth(forecast, known, ...more) {
  const [first, second] = confidences.map((confidence) => forecast(known, { horizons, confidence }, ...more).totals);
  return first.map(({ value, low, high, coverage, independent }, at) => ({
    value,
    intervals: [
      [low, high],
      [second[at].low, second[at].high],
    ],
    claimed: independent === undefined || independent >= 5 ? coverage : undefined,
  }));
}

/** One row for each sum that a series allows to judge. */
export function judge(series, { method, baseline, pooled, minDays = 56 }) {
  const scale = mean(series.values);
  const rows = [];
  for (const days of originsOf(series, { minDays, minHorizon: horizons[0], perMonth: 1 })) {
    const known = { ...series, values: series.values.slice(0, days), active: series.active.slice(0, days) };
    if (!(sum(known.values.slice(-91)) > 0)) continue;
    const [ours, previous] = [forecastBoth(method.forecast, known, pooled), forecastBoth(baseline.forecast, known)];
    for (const [at, horizon] of horizons.entries()) {
      if (days + horizon > series.values.length) continue;
      const actual = sum(series.values.slice(days, days + horizon));
      const plain = meanForecast(known.values, horizon);
      const yearAgo = days < year ? undefined : sum(known.values.slice(days - year, days - year + horizon));
      const of = ({ value, intervals, claimed }) => ({
        error: (value - actual) / scale / horizon,
        held: intervals.map(([low, high]) => actual >= low - 1e-9 * actual && actual <= high + 1e-9 * actual),
        score: intervalScore(actual, value, intervals) / scale / horizon,
        claimed,
      });
      rows.push({
        name: series.name,
        network: series.network,
        kind: series.kind,
        horizon,
        days,
        ours: of(ours[at]),
        previous: of(previous[at]),
        plain: of(plain),
        lastWeek:
          (sum(Array.from({ length: horizon }, (_, day) => known.values[days - 7 + (day % 7)])) - actual) /
          scale /
          horizon,
        yearAgo: yearAgo === undefined ? undefined : (yearAgo - actual) / scale / horizon,
      });
    }
  }
  return rows;
}

/** Mean over networks of the mean of each, so that a long history does not weigh more. */
export function byNetwork(rows, valueOf) {
  const means = [];
  for (const group of groupBy(rows, ({ network }) => network).values()) {
    const values = group.map(valueOf).filter((value) => value !== undefined);
    if (values.length > 0) means.push(mean(values.map(Number)));
  }
  return mean(means);
}

/** 90 % bootstrap interval of a value, drawing whole networks. */
export function bootstrap(rows, valueOf, draws = 500) {
  const groups = [...groupBy(rows, ({ network }) => network).values()];
  const { int } = random('bootstrap');
  const found = Array.from({ length: draws }, () =>
    valueOf(
      groups.flatMap((_, at) =>
        groups[int(0, groups.length - 1)].map((row) => ({ ...row, network: `${at} ${row.network}` })),
      ),
    ),
  ).toSorted((a, b) => a - b);
  return [found[Math.floor(0.05 * draws)], found[Math.floor(0.95 * draws)]];
}

/** Error of a forecast relative to that of another. */
export const errorRatio = (rows, of, other) =>
  byNetwork(rows, (row) => (other(row) === undefined ? undefined : Math.abs(of(row)))) /
  byNetwork(rows, (row) => (other(row) === undefined ? undefined : Math.abs(other(row))));

/** Items by key, in the order of their first items. */
export function groupBy(items, keyOf) {
  const groups = new Map();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}
