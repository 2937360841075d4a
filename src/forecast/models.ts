import { forecastEts, forecastMstl } from './augurs.ts';
import { meanOf, type History } from './history.ts';
import { slopeOf, smoothedLevel, spreadByWeekday, weekdayShares, weeklyMeans } from './weekdays.ts';

/** A way to go on with a history of which so many days are known; nothing where it asks for more of them. */
export type Model = (history: History, days: number, horizon: number) => Float64Array | undefined;

/** Weight of the latest day when days are smoothed. */
const alpha = 0.1;
/** A year of whole weeks. */
const year = 364;
/** Weeks of which the means are told apart by weekday. */
const [weekdayWeeks, pointWeeks] = [8, 13];
/** Weeks that are looked at: half a year for the trend, a year for smoothing; and of four weeks each as many as two and a half years have. */
const [trendWeeks, etsWeeks, mstlMonths] = [26, 52, 32];
/** Nothing is believed to grow beyond so many times its highest week. */
const maxGrowth = 3;
/** How much of a season is believed, as a power of it: that of one year may be chance. */
const seasonalDamping = 0.5;

/** The level of one charge point, and of all that are active. */
function levelOf({ perPoint, active }: History, days: number): { shares: Float64Array; level: number } {
  const shares = weekdayShares(perPoint, days, pointWeeks);
  return { shares, level: smoothedLevel(perPoint, days, shares, alpha) * active[days - 1]! };
}

/** What a season makes of a level, within bounds. */
const applySeason = (level: number, ratio: number): number =>
  level * Math.min(maxGrowth, Math.max(1 / maxGrowth, ratio)) ** seasonalDamping;

export const models: Record<string, Model> = {
  'last week': ({ values }, days, horizon) =>
    Float64Array.from({ length: horizon }, (_, day) => Math.max(0, values[days - 7 + (day % 7)]!)),

  'last two weeks': ({ values }, days, horizon) => {
    const level = meanOf(values, days - 14, days);
    return spreadByWeekday(horizon, () => level, weekdayShares(values, days, weekdayWeeks));
  },

  // Exponential smoothing that drifts by half the trend (Assimakopoulos and Nikolopoulos 2000, in the form of Hyndman and Billah 2003).
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

/** The one the others are measured by: the last week, again and again. */
export const naive = 'last week';

/** The mean of each weekday over the last four weeks: what little history allows. */
export const seasonalMean: Model = ({ perPoint, active }, days, horizon) => {
  const level = meanOf(perPoint, days - 28, days) * active[days - 1]!;
  return spreadByWeekday(horizon, () => level, weekdayShares(perPoint, days, 4));
};
