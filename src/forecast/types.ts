/** What was measured day by day, no day left out; the last is the last one that is over. */
export interface DailySeries {
  /** What it is of: a charge point, a site; empty for all together. */
  name: string;
  /** As 2025-01-31. */
  firstDay: string;
  values: number[];
  /** Charge points active on each of those days. */
  active: number[];
}

export interface ForecastOptions {
  /** Days after the last one, ascending. */
  horizons: readonly number[];
  /** Share of futures an interval is to hold, above 0 and below 1. */
  confidence: number;
}

/** A number to come, and the interval it lies in with the confidence asked for. */
export interface PointForecast {
  value: number;
  low: number;
  high: number;
}

/** The sum over the days of a horizon. */
export interface HorizonForecast extends PointForecast {
  horizonDays: number;
  /** Mean size of the error of such sums when the past was forecast the same way, as a share of the mean sum; nothing where the past is too short. */
  error?: number;
  /** The same of repeating the last week. */
  naiveError?: number;
  /** Share of those sums that lay in the interval they were given. */
  coverage?: number;
  /** How many pasts were forecast. */
  origins: number;
}

/** What was found of one series. */
export interface Forecast {
  /** How the points were found. */
  model: string;
  /** Days so far out of line that they were taken for less. */
  outliers: number;
  totals: HorizonForecast[];
  /** Each day to the end of the longest horizon. */
  days: PointForecast[];
}
