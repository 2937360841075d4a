import { describe, expect, test } from 'vitest';
import { featuresOf } from '../../src/forecast/features.ts';
import { historyOf } from '../../src/forecast/history.ts';
import { combine, modelPaths, repeatLastWeek, seasonalMean, type ModelPaths } from '../../src/forecast/models.ts';
import type { DailySeries } from '../../src/forecast/types.ts';
import { dailySeries, noise } from '../support/daily-series.ts';

const go = (series: DailySeries, horizon: number): ModelPaths => {
  const history = historyOf(series);
  return modelPaths(history, featuresOf(history, series.values.length), horizon);
};
const sum = (values: Iterable<number>): number => [...values].reduce((one, other) => one + other, 0);
const combined = (series: DailySeries, horizon: number): Float64Array => combine(go(series, horizon), horizon);

test('every model continues a constant level with weekdays', () => {
  // 40 on Mondays to Fridays, 20 at the weekend: 30 days from Wednesday, 2027-03-03 on have eight days of weekends.
  const series = dailySeries(1157, (day) => (day % 7 < 5 ? 40 : 20));
  const { paths } = go(series, 30);
  expect([...paths.keys()]).toEqual(['28-day mean', 'smoothed weeks', 'last year']);
  for (const [name, path] of paths) expect(sum(path), name).toBeCloseTo(22 * 40 + 8 * 20, 2);
  expect([...repeatLastWeek(historyOf(series), 1157, 5)]).toEqual([40, 40, 40, 20, 20]);
});

test('the seasonal mean is the mean of each weekday over four weeks', () => {
  // Two weeks of 7, which do not count, then four of 1 to 7 by weekday.
  const series = dailySeries(42, (day) => (day < 14 ? 7 : (day % 7) + 1));
  expect([...seasonalMean(historyOf(series), 42, 9)].map((value) => Math.round(value * 1e9) / 1e9)).toEqual([
    1, 2, 3, 4, 5, 6, 7, 1, 2,
  ]);
});

test('the weights add up to one, and noise moves weight to the 56-day mean', () => {
  const random = noise(3);
  const calm = dailySeries(300, () => 100 + 5 * random());
  const noisy = dailySeries(300, () => (random() > 0.6 ? 100 * (1 + random()) : 0));
  for (const series of [calm, noisy]) expect(sum(go(series, 10).weights.values())).toBeCloseTo(1, 12);
  expect(go(calm, 10).weights.get('56-day mean')).toBeLessThan(0.02);
  expect(go(noisy, 10).weights.get('56-day mean')).toBeGreaterThan(0.2);
});

test('the weight of last year grows with the number of years', () => {
  const weight = (days: number): number | undefined =>
    go(
      dailySeries(days, () => 10),
      10,
    ).weights.get('last year');
  // 0.7 · years / (years + 2).
  expect(weight(391)).toBeUndefined();
  expect(weight(392)).toBeCloseTo(0.7 / 3, 12);
  expect(weight(756)).toBeCloseTo(0.35, 12);
});

describe('a season', () => {
  // High in the middle of each year of 364 days, low at its ends.
  const seasonal = (days: number): DailySeries =>
    dailySeries(days, (day) => 100 - 50 * Math.cos((2 * Math.PI * day) / 364));

  test('is half believed', () => {
    // After two years and a quarter the level is 100, and 150 a quarter later.
    const path = go(seasonal(819), 91).paths.get('last year')!;
    expect(path[90]).toBeGreaterThan(110);
    expect(path[90]).toBeLessThan(150);
  });

  test('continues beyond a year by repeating it', () => {
    const path = go(seasonal(728), 400).paths.get('last year')!;
    const level = go(seasonal(728), 400).paths.get('28-day mean')!;
    expect(path[364 + 20]! / level[364 + 20]!).toBeCloseTo(path[20]! / level[20]!, 2);
  });
});

describe('a capacity', () => {
  test('that doubles is followed within three days', () => {
    const series = dailySeries(
      800,
      (day) => (day < 797 ? 300 : 600),
      (day) => (day < 797 ? 3 : 6),
    );
    expect(sum(combined(series, 30))).toBeGreaterThan(0.95 * 600 * 30);
    expect(sum(combined(series, 30))).toBeLessThan(1.05 * 600 * 30);
  });

  test('that doubles without more sessions is not followed', () => {
    const series = dailySeries(
      800,
      () => 300,
      (day) => (day < 797 ? 3 : 6),
    );
    expect(Math.abs(sum(combined(series, 30)) / (300 * 30) - 1)).toBeLessThan(0.001);
  });

  test('that is closed is forecast as zero', () => {
    const series = dailySeries(
      800,
      (day) => (day < 700 ? 300 : 0),
      (day) => (day < 728 ? 3 : 0),
    );
    for (const [name, path] of go(series, 30).paths) expect(sum(path), name).toBe(0);
  });

  test('that grows each week goes on growing, less than before', () => {
    // One more charge point a week, from 20 to 72; each has 10 a day.
    const points = (day: number): number => 20 + Math.floor(day / 7);
    const series = dailySeries(364, (day) => 10 * points(day), points);
    const path = combined(series, 364);
    expect(sum(path.subarray(0, 30)) / 30).toBeGreaterThan(10 * points(364));
    // The growth of half a year was by 72.5 / 46.5; the following years cannot have more than 1.4 · 180 / 182 of that, of each half.
    expect(path[363]).toBeLessThan(10 * points(364) * (72.5 / 46.5) ** 2);
    expect(path[363]! / path[181]!).toBeLessThan(path[181]! / path[0]!);
  });
});
