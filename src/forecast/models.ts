import { forecastEts, forecastMstl } from './augurs.ts';
import { meanOf, type History } from './history.ts';
import { slopeOf, smoothedLevel, spreadByWeekday, weekdayShares, weeklyMeans } from './weekdays.ts';

/** Forecasts daily values from the first `days` of a history; undefined if the model needs more. */
export type Model = (history: History, days: number, horizon: number) => Float64Array | undefined;

/** Smoothing factor: weight of the latest day. */
const alpha = 0.1;
/** Days of a year in whole weeks. */
const year = 364;
/** Weeks used for weekday shares: of a series, and per charge point. */
const [weekdayWeeks, pointWeeks] = [8, 13];
/** Weeks used for the trend and for ETS; four-week months for MSTL (2.5 years). */
const [trendWeeks, etsWeeks, mstlMonths] = [26, 52, 32];
/** Maximum growth, as a multiple of the highest week. */
const maxGrowth = 3;
/** Exponent that damps a seasonal ratio, because the pattern of one year may be chance. */
const seasonalDamping = 0.5;

/** Weekday shares per charge point, and the level of all active charge points. */
function levelOf({ perPoint, active }: History, days: number): { shares: Float64Array; level: number } {
  const shares = weekdayShares(perPoint, days, pointWeeks);
  return { shares, level: smoothedLevel(perPoint, days, shares, alpha) * active[days - 1]! };
}

/** Applies a damped and bounded seasonal ratio to a level. */
const applySeason = (level: number, ratio: number): number =>
  level * Math.min(maxGrowth, Math.max(1 / maxGrowth, ratio)) ** seasonalDamping;

export const models: Record<string, Model> = {
  'last week': ({ values }, days, horizon) =>
    Float64Array.from({ length: horizon }, (_, day) => Math.max(0, values[days - 7 + (day % 7)]!)),

  'last two weeks': ({ values }, days, horizon) => {
    const level = meanOf(values, days - 14, days);
    return spreadByWeekday(horizon, () => level, weekdayShares(values, days, weekdayWeeks));
  },

  // Exponential smoothing with half the trend (Assimakopoulos and Nikolopoulos 2000; Hyndman and Billah 2003).
  theta: ({ values }, days, horizon) => {
    const shares = weekdayShares(values, days, weekdayWeeks);
    const level = smoothedLevel(values, days, shares, alpha);
    const drift = slopeOf(weeklyMeans(values, days, trendWeeks)) / 7 / 2;
    return spreadByWeekday(horizon, (day) => level + drift * (day + 1 / alpha), shares);
  },

  'smoothed per charge point': (history, days, horizon) => {
    const { shares, level } = levelOf(history, days);
    return spreadByWeekday(horizon, () => level, shares);
  },

  ETS: ({ values }, days, horizon) => {
    if (days < 8 * 7) return undefined;
    const weeks = weeklyMeans(values, days, etsWeeks);
    const path = forecastEts(weeks, Math.ceil(horizon / 7));
    const limit = maxGrowth * Math.max(...weeks);
    return (
      path &&
      spreadByWeekday(
        horizon,
        (day) => Math.min(limit, path[Math.floor(day / 7)]!),
        weekdayShares(values, days, weekdayWeeks),
      )
    );
  },

  'last year': (history, days, horizon) => {
    if (days < year + 28) return undefined;
    const { perPoint } = history;
    const { shares, level } = levelOf(history, days);
    const yearAgoLevel = smoothedLevel(perPoint, days - year, shares, alpha);
    if (yearAgoLevel <= 0) return undefined;
    const yearAgoMean = (day: number): number => meanOf(perPoint, day - 10, Math.min(days, day + 11));
    return spreadByWeekday(
      horizon,
      (day) =>
        applySeason(
          level,
          (yearAgoMean(days + day - year * Math.ceil((day + 1) / year)) || yearAgoLevel) / yearAgoLevel,
        ),
      shares,
    );
  },

  MSTL: (history, days, horizon) => {
    if (days < 2 * year + 28) return undefined;
    const months = weeklyMeans(history.perPoint, days, mstlMonths, 4);
    const path = forecastMstl(months, 13, Math.ceil(horizon / 28));
    const { shares, level } = levelOf(history, days);
    const latestMonth = months.at(-1)!;
    return path && latestMonth > 0
      ? spreadByWeekday(horizon, (day) => applySeason(level, path[Math.floor(day / 28)]! / latestMonth), shares)
      : undefined;
  },
};

/** The baseline for other models: repeat the last week. */
export const naive = 'last week';

/** The mean of each weekday over the last four weeks, for short histories. */
export const seasonalMean: Model = ({ perPoint, active }, days, horizon) => {
  const level = meanOf(perPoint, days - 28, days) * active[days - 1]!;
  return spreadByWeekday(horizon, () => level, weekdayShares(perPoint, days, 4));
};
