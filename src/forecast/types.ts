/** Daily values without gaps, up to the last complete day. */
export interface DailySeries {
  /** Name of the series, such as a charge point or site; empty for the total. */
  name: string;
  /** First day, as 2025-01-31. */
  firstDay: string;
  values: number[];
  /** Number of active charge points on each day. */
  active: number[];
  /** Holidays by number from the first day, ascending, in the past and in the forecast; undefined if they do not count. */
  holidays?: readonly number[];
}

export interface ForecastOptions {
  /** Lengths of the horizons in days, ascending. */
  horizons: readonly number[];
  /** Confidence of the intervals, between 0 and 1. */
  confidence: number;
}

/** A forecast value with its interval. */
export interface PointForecast {
  value: number;
  low: number;
  high: number;
}

/** The sum over the days of a horizon. */
export interface HorizonForecast extends PointForecast {
  horizonDays: number;
  /** Mean absolute error of such sums at earlier origins, as a share of the mean sum; undefined if the history is too short. */
  error?: number;
  /** The same for the naive model, which repeats the last week. */
  naiveError?: number;
  /** Share of those sums that fell within their interval; undefined with too few independent ones. */
  coverage?: number;
  /** Number of origins. */
  origins: number;
  /** Number of origins whose horizons do not overlap. */
  independent: number;
}

/** The forecast of one series. */
export interface Forecast {
  /** Models and their weights, for people. */
  model: string;
  /** Number of outliers that were reduced. */
  outliers: number;
  totals: HorizonForecast[];
  /** Each day of the longest horizon. */
  days: PointForecast[];
}
