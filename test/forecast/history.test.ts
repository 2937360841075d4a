import { expect, test } from 'vitest';
import { historyOf, meanOf } from '../../src/forecast/history.ts';
import { slopeOf, smoothedLevel, weekdayShares, weeklyMeans } from '../../src/forecast/weekdays.ts';
import { dailySeries } from '../support/daily-series.ts';

test('a day above three times the second highest is reduced to the second highest', () => {
  const { values, outliers } = historyOf(dailySeries(20, (day) => (day === 7 ? 1_000_000 : 10 + day)));
  expect([values[6], values[7], values[8], outliers]).toEqual([16, 29, 18, 1]);
});

test('a day of three times the height is kept, and so are many high days', () => {
  expect(historyOf(dailySeries(20, (day) => (day === 7 ? 30 : 10))).outliers).toBe(0);
  expect(historyOf(dailySeries(400, (day) => (day % 40 === 0 ? 1000 : 1))).outliers).toBe(0);
});

test('a single day with activity is kept', () => {
  expect([...historyOf(dailySeries(15, (day) => (day === 3 ? 500 : 0))).values]).toContain(500);
});

test('values per charge point use the active ones; NaN without any', () => {
  const { perPoint } = historyOf(
    dailySeries(
      15,
      (day) => (day < 2 ? 0 : 12),
      (day) => (day < 2 ? 0 : day < 8 ? 3 : 4),
    ),
  );
  expect([...perPoint.subarray(0, 3), perPoint[8]]).toEqual([NaN, NaN, 4, 3]);
});

test('the mean skips NaN', () => {
  expect(meanOf(Float64Array.of(1, NaN, 5, 100), 0, 3)).toBe(3);
  expect(meanOf(Float64Array.of(NaN, NaN), 0, 2)).toBe(0);
});

test('weekday shares are relative to the mean day and start with the first forecast day', () => {
  // Three weeks of 1 to 7 with mean 4; the first forecast day is like the third.
  const values = Float64Array.from({ length: 23 }, (_, day) => (day % 7) + 1);
  expect([...weekdayShares(values, 23, 3)]).toEqual([3, 4, 5, 6, 7, 1, 2].map((value) => value / 4));
  expect([...weekdayShares(new Float64Array(14), 14, 2)]).toEqual([1, 1, 1, 1, 1, 1, 1]);
});

test('smoothing adds a tenth of each difference', () => {
  const even = new Float64Array(7).fill(1);
  // 10, then 10 + 0.1 (20 - 10) = 11, then NaN is skipped, then 11 + 0.1 (1 - 11) = 10.
  expect(smoothedLevel(Float64Array.of(10, 20, NaN, 1), 4, even, 0.1)).toBeCloseTo(10, 12);
  // A day with half a share counts double.
  expect(smoothedLevel(Float64Array.of(10), 1, new Float64Array(7).fill(0.5), 0.1)).toBe(20);
});

test('weeks end with the last day; a week without values repeats the one before', () => {
  const values = Float64Array.from({ length: 24 }, (_, day) =>
    day < 3 ? 1000 : day < 10 ? 2 : day < 17 ? NaN : day - 16,
  );
  expect([...weeklyMeans(values, 24, 10)]).toEqual([2, 2, 4]);
  expect([...weeklyMeans(values, 24, 1)]).toEqual([4]);
  // Three weeks in one group: 2 on seven days, 1 to 7 on seven, and seven NaN.
  expect([...weeklyMeans(values, 24, 5, 3)]).toEqual([3]);
});

test('the slope is that of the least-squares line', () => {
  expect(slopeOf(Float64Array.of(3, 5, 7, 9))).toBeCloseTo(2, 12);
  // Around the middle 1: (-1 · 0 + 0 · 3 + 1 · 3) / 2.
  expect(slopeOf(Float64Array.of(0, 3, 3))).toBeCloseTo(1.5, 12);
  expect(slopeOf(Float64Array.of(8))).toBe(0);
});
