import jStat from 'jstat';

/**
 * The share of errors that decides how wide an interval is; beyond it few pasts tell, and the tail of Student's distribution is
 * taken where it is wider.
 */
const calibrationLevel = 0.8;
/** Fewest pasts an interval is made from. */
export const minOrigins = 6;
/** Part of what is usual that is added to a forecast before errors are compared with it: one of nearly nothing can be off by any number of times. */
const baseline = 0.1;
/** What is believed of a month of which too few pasts are known: four of five come so near. */
const priorWidth = 0.4;

/**
 * How far what came was from what was forecast, as a share of the forecast.
 * @param size of what is usual for so many days
 * @returns nothing where nothing was usual, and nothing forecast
 */
export function relativeError(actual: number, forecast: number, size: number): number | undefined {
  const denominator = forecast + baseline * size;
  return denominator > 0 ? Math.abs(actual - forecast) / denominator : undefined;
}

/** What lies that far below and above a forecast. */
export function intervalAround(forecast: number, size: number, width: number): [low: number, high: number] {
  const reach = width * (forecast + baseline * size);
  return [Math.max(0, forecast - reach), forecast + reach];
}

/** Smallest distance within which such a share of all future ones lies (split conformal prediction). */
function conformal(ascending: readonly number[], confidence: number): number {
  const rank = Math.ceil((ascending.length + 1) * confidence);
  return ascending[Math.min(rank, ascending.length) - 1]!;
}

const tQuantile = (confidence: number, degreesOfFreedom: number): number =>
  jStat.studentt.inv((1 + confidence) / 2, degreesOfFreedom);

/**
 * How wide an interval must be to hold such a share of the futures.
 * @param distances of pasts, as many as are known
 * @param independentCount how many of them do not overlap
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

/** The width for a horizon of which too little is known. @param days of it */
export const defaultWidth = (days: number, confidence: number): number =>
  (priorWidth * Math.sqrt(days / 30) * tQuantile(confidence, 3)) / tQuantile(calibrationLevel, 3);
