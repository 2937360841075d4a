import jStat from 'jstat';

/**
 * Share of errors with enough samples to calibrate an interval. Beyond it, the tail of Student's t-distribution is used
 * if it is wider.
 */
const calibrationLevel = 0.8;
/** Minimum number of origins for an interval. */
export const minOrigins = 6;
/** Share of the usual level added to a forecast before errors are divided by it, so that forecasts near zero have finite errors. */
const baseline = 0.1;
/** Assumed relative error of a month without enough origins, at the calibration level. */
const priorWidth = 0.4;

/**
 * The error of a forecast as a share of the forecast plus a part of the usual level.
 * @param size usual sum of the same number of days
 * @returns undefined if both forecast and usual level are 0
 */
export function relativeError(actual: number, forecast: number, size: number): number | undefined {
  const denominator = forecast + baseline * size;
  return denominator > 0 ? Math.abs(actual - forecast) / denominator : undefined;
}

/** The interval of a relative width around a forecast. */
export function intervalAround(forecast: number, size: number, width: number): [low: number, high: number] {
  const margin = width * (forecast + baseline * size);
  return [Math.max(0, forecast - margin), forecast + margin];
}

/** Smallest distance that holds a share of all future distances (split conformal prediction). */
function conformal(ascending: readonly number[], confidence: number): number {
  const rank = Math.ceil((ascending.length + 1) * confidence);
  return ascending[Math.min(rank, ascending.length) - 1]!;
}

const tQuantile = (confidence: number, degreesOfFreedom: number): number =>
  jStat.studentt.inv((1 + confidence) / 2, degreesOfFreedom);

/**
 * Relative width of an interval with the given confidence.
 * @param distances relative errors of earlier origins
 * @param independentCount number of them that do not overlap
 */
export function intervalWidth(distances: readonly number[], independentCount: number, confidence: number): number {
  const ascending = distances.toSorted((a, b) => a - b);
  const degreesOfFreedom = Math.max(2, Math.min(30, independentCount));
  return Math.max(
    conformal(ascending, confidence),
    (conformal(ascending, calibrationLevel) * tQuantile(confidence, degreesOfFreedom)) /
      tQuantile(calibrationLevel, degreesOfFreedom),
  );
}

/** Relative width for a horizon without enough origins. @param days length of the horizon */
export const defaultWidth = (days: number, confidence: number): number =>
  (priorWidth * Math.sqrt(days / 30) * tQuantile(confidence, 3)) / tQuantile(calibrationLevel, 3);
