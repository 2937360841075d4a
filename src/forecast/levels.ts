import { meanOf, type History } from './history.ts';

const week = 7;
/** Weeks used for growth, and the minimum of them. */
const [growthWeeks, minGrowthWeeks] = [26, 5];
/** Maximum growth of the number of charge points in half a year, as a logarithm. */
const maxGrowth = 0.65;
/** Growth applied relative to growth seen, and days after which growth has faded by the factor e. */
const [growthShare, growthFade] = [1.4, 180];
/** Days between the middle of the days used for a level and the first forecast day. */
const levelLag = 10;
/** Maximum change of the level for a step in the number of charge points, as a logarithm. */
const maxStep = 1.2;

/** Level of the latest day from a mean of earlier days, with the number of charge points of the same days. */
export interface Level {
  value: number;
  active: number;
}

/** Mean of the last days. */
export const meanLevel = ({ values, active }: History, days: number, count: number): Level => ({
  value: meanOf(values, days - count, days),
  active: meanOf(active, days - count, days),
});

/** Exponential smoothing of weeks: each week has a fixed share of the weight of the week after it. */
export function smoothedLevel({ values, active }: History, days: number, share: number): Level {
  let [value, points, total] = [0, 0, 0];
  // Weeks before that have less than a millionth of the weight.
  const weeks = Math.min(Math.floor(days / week), Math.ceil(Math.log(1e-6) / Math.log(share)));
  for (let age = 0; age < weeks; age++) {
    const weight = share ** age;
    const to = days - age * week;
    value += weight * meanOf(values, to - week, to);
    points += weight * meanOf(active, to - week, to);
    total += weight;
  }
  return total > 0 ? { value: value / total, active: points / total } : { value: 0, active: 0 };
}

/** Level for the charge points of the last day; 0 without any. @param stepShare see {@link stepSupport} */
export function currentLevel({ active }: History, days: number, level: Level, stepShare: number): number {
  const activeNow = active[days - 1]!;
  if (activeNow === 0) return 0;
  if (level.active <= 0) return level.value;
  const step = Math.log(activeNow / level.active);
  return level.value * Math.exp(stepShare * Math.max(-maxStep, Math.min(maxStep, step)));
}

/**
 * How far the values followed the latest change in the number of active charge points, from 0 to 1. A charge point that
 * has no session for four weeks is not active, so the number also changes where nothing was built or closed.
 */
export function stepSupport({ values, active }: History, days: number): number {
  const from = Math.max(0, days - 8 * week);
  const activeNow = active[days - 1]!;
  const activeBefore = meanOf(active, from, from + Math.floor((days - from) / 2));
  if (activeNow <= 0 || activeBefore <= 0 || activeNow === activeBefore) return 0;
  const middle = Math.sqrt(activeNow * activeBefore);
  let since = days;
  while (
    since - 1 >= from + week &&
    (activeNow > activeBefore ? active[since - 1]! >= middle : active[since - 1]! <= middle)
  )
    since -= 1;
  // Compares with the same weekdays before.
  let [expected, found] = [0, 0];
  for (let day = since; day < days; day++) {
    let [sum, count] = [0, 0];
    for (let before = day - week * Math.ceil((day - since + 1) / week); before >= from; before -= week) {
      sum += values[before]!;
      count += 1;
    }
    if (count === 0) continue;
    expected += sum / count;
    found += values[day]!;
  }
  if (expected <= 0) return 0;
  const share = Math.log(Math.max(0, found) / expected + 0.02) / Math.log(activeNow / activeBefore);
  return Math.max(0, Math.min(1, share)) ** 2;
}

/** Growth of the number of active charge points per day, as a logarithm: the median slope between weeks (Theil and Sen). */
export function growthOf({ active }: History, days: number): number {
  const counts: number[] = [];
  // Before the 28th day, the window of 28 days is not full.
  for (let day = days - 1; day >= 27 && counts.length < growthWeeks; day -= week)
    counts.push(Math.log(active[day]! + 0.5));
  if (counts.length < minGrowthWeeks) return 0;
  const slopes: number[] = [];
  for (let age = 1; age < counts.length; age++)
    for (let later = 0; later < age; later++) slopes.push((counts[later]! - counts[age]!) / (age - later));
  slopes.sort((a, b) => a - b);
  const middle = slopes.length >> 1;
  const slope = slopes.length % 2 === 1 ? slopes[middle]! : (slopes[middle - 1]! + slopes[middle]!) / 2;
  const limit = maxGrowth / growthWeeks;
  return Math.max(-limit, Math.min(limit, slope)) / week;
}

/** Factor of a forecast day for growth, which fades. @param growth per day, as a logarithm */
export const growthFactor = (growth: number, day: number): number =>
  Math.exp(growth * growthShare * growthFade * (1 - Math.exp(-(day + 1 + levelLag) / growthFade)));

/** Half a year, over which noise is estimated. */
const noiseDays = 182;

/** Standard error of a mean of four weeks relative to it, from differences between the same days of successive weeks. */
export function noiseOf({ values }: History, days: number): number {
  const from = Math.max(0, days - noiseDays);
  let [sum, squares, count] = [0, 0, 0];
  for (let day = from + week; day < days; day++) {
    const difference = values[day]! - values[day - week]!;
    sum += difference;
    squares += difference ** 2;
    count += 1;
  }
  const mean = meanOf(values, days - 91, days);
  if (count === 0 || mean <= 0) return 0;
  return Math.sqrt(Math.max(0, squares / count - (sum / count) ** 2) / 2 / 28) / mean;
}
