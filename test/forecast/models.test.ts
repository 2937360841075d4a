import { describe, expect, test } from 'vitest';
import { historyOf } from '../../src/forecast/history.ts';
import { models, seasonalMean } from '../../src/forecast/models.ts';
import type { DailySeries } from '../../src/forecast/types.ts';
import { dailySeries } from '../support/daily-series.ts';

const go = (name: string, series: DailySeries, horizon: number): number[] | undefined => {
  const path = models[name]!(historyOf(series), series.values.length, horizon);
  return path && [...path];
};
const sum = (values: readonly number[]): number => values.reduce((one, other) => one + other, 0);

test('every model continues a constant level with weekdays', () => {
  // 40 on Mondays to Fridays, 20 at the weekend: 30 days from Wednesday, 2027-03-03 on have eight days of weekends.
  const series = dailySeries(1157, (day) => (day % 7 < 5 ? 40 : 20));
  for (const name of Object.keys(models)) expect(sum(go(name, series, 30)!), name).toBeCloseTo(22 * 40 + 8 * 20, 2);
  expect(go('last week', series, 5)).toEqual([40, 40, 40, 20, 20]);
});

test('the seasonal mean is the mean of each weekday over four weeks', () => {
  // Two weeks of 7, which do not count, then four of 1 to 7 by weekday.
  const series = dailySeries(42, (day) => (day < 14 ? 7 : (day % 7) + 1));
  expect([...seasonalMean(historyOf(series), 42, 9)!].map((value) => Math.round(value * 1e9) / 1e9)).toEqual([
    1, 2, 3, 4, 5, 6, 7, 1, 2,
  ]);
});

test('theta continues the smoothed level with half the trend', () => {
  // 7 more each week, or 1 a day, of which half is used: 26 weeks of 100 to 275.
  const path = go(
    'theta',
    dailySeries(182, (day) => 100 + 7 * Math.floor(day / 7)),
    15,
  )!;
  expect(path[14]! - path[0]!).toBeCloseTo(0.5 * 14, 6);
});

test('ETS continues a trend', () => {
  // 2 more each week: 26 weeks with means of 100 to 150, so the next weeks have 152, 154, 156, 158 a day.
  const path = go(
    'ETS',
    dailySeries(182, (day) => 100 + 2 * Math.floor(day / 7)),
    28,
  )!;
  expect(sum(path) / 7).toBeGreaterThan(150 * 4 + 10);
  expect(sum(path) / 7).toBeLessThanOrEqual(152 + 154 + 156 + 158 + 1);
});

describe('a season', () => {
  // High in the middle of each year of 364 days, low at its ends.
  const seasonal = (days: number): DailySeries =>
    dailySeries(days, (day) => 100 - 50 * Math.cos((2 * Math.PI * day) / 364));

  test('is used by the last-year model after one year, and by MSTL after two', () => {
    expect(go('last year', seasonal(391), 30)).toBeUndefined();
    expect(go('MSTL', seasonal(755), 30)).toBeUndefined();
    expect(go('last year', seasonal(392), 30)).toHaveLength(30);
    expect(go('MSTL', seasonal(756), 30)).toHaveLength(30);
  });

  test.each(['last year', 'MSTL'])('is half believed by %s', (name) => {
    // After two years and a quarter the level is 100, and 150 a quarter later.
    const path = go(name, seasonal(819), 91)!;
    expect(path[90]).toBeGreaterThan(110);
    expect(path[90]).toBeLessThan(150);
  });

  test('continues beyond a year by repeating it', () => {
    const path = go('last year', seasonal(728), 400)!;
    expect(path[364 + 20]).toBeCloseTo(path[20]!, 9);
  });
});

describe('a capacity', () => {
  test('that doubles is followed by the models per charge point, within three days', () => {
    const series = dailySeries(
      800,
      (day) => (day < 797 ? 300 : 600),
      (day) => (day < 797 ? 3 : 6),
    );
    for (const name of ['smoothed per charge point', 'last year', 'MSTL'])
      expect(sum(go(name, series, 30)!), name).toBeCloseTo(600 * 30, 1);
    expect(sum(go('theta', series, 30)!)).toBeLessThan(420 * 30);
  });

  test('that is closed is forecast as zero', () => {
    const series = dailySeries(
      800,
      (day) => (day < 700 ? 300 : 0),
      (day) => (day < 728 ? 3 : 0),
    );
    for (const name of ['smoothed per charge point', 'last year', 'MSTL', 'last week', 'last two weeks'])
      expect(sum(go(name, series, 30) ?? []), name).toBe(0);
  });
});
