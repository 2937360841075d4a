import type { History } from './history.ts';
import { growthOf, noiseOf } from './levels.ts';

/** Features of a history on which the weights of the models and the expected errors depend. */
export interface Features {
  /** Days of history. */
  days: number;
  /** Standard error of a four-week mean relative to it. */
  noise: number;
  /** Growth of the number of active charge points per day, as a logarithm. */
  growth: number;
}

export const featuresOf = (history: History, days: number): Features => ({
  days,
  noise: noiseOf(history, days),
  growth: growthOf(history, days),
});
