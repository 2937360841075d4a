import { expect, test } from 'vitest';
import { historyOf, meanOf } from '../../src/forecast/history.ts';
import { growthOf, meanLevel, noiseOf, smoothedLevel, stepSupport } from '../../src/forecast/levels.ts';
import { weekdayShares } from '../../src/forecast/weekdays.ts';
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

test('a charge point counts from the first day, as the first window is not full', () => {
  // The third charge point has its first session on the 20th day; later counts are kept.
  const { active } = historyOf(
    dailySeries(
      60,
      () => 10,
      (day) => (day < 20 ? 2 : day < 40 ? 3 : 4),
    ),
  );
  expect([active[0], active[19], active[20], active[40]]).toEqual([3, 3, 3, 4]);
});

test('smoothed weeks have four tenths of the weight of the week after', () => {
  // Weeks of 10, 20 and 40: (40 + 0.4 · 20 + 0.16 · 10) / 1.56.
  const history = historyOf(dailySeries(21, (day) => [10, 20, 40][Math.floor(day / 7)]!));
  expect(smoothedLevel(history, 21, 0.4).value).toBeCloseTo(49.6 / 1.56, 12);
  expect(meanLevel(history, 21, 14)).toEqual({ value: 30, active: 1 });
});

test('noise is the standard error of a four-week mean', () => {
  // Weeks of 90 and 110 in turn: differences of 20 and -20, of which each value has 400 / 2; the mean of 91 days is 100 or so.
  const noise = noiseOf(historyOf(dailySeries(350, (day) => (Math.floor(day / 7) % 2 === 0 ? 90 : 110))), 350);
  expect(noise).toBeCloseTo(Math.sqrt(200 / 28) / 100, 2);
  expect(noiseOf(historyOf(dailySeries(100, (day) => day % 7)), 100)).toBe(0);
});

test('growth is the median slope between weeks, and a single step is none', () => {
  const growth = (active: (day: number) => number): number =>
    growthOf(historyOf(dailySeries(300, () => 10, active)), 300);
  // 2 % a week.
  expect(growth((day) => 1000 * 1.02 ** Math.floor(day / 7))).toBeCloseTo(Math.log(1.02) / 7, 4);
  expect(growth((day) => (day < 290 ? 10 : 20))).toBe(0);
  // 10 % a week is more than the limit.
  expect(growth((day) => 1.1 ** Math.floor(day / 7))).toBeCloseTo(0.65 / 182, 12);
});

test('values support a step in the number of charge points if they follow it', () => {
  const support = (value: (day: number) => number): number =>
    stepSupport(historyOf(dailySeries(100, value, (day) => (day < 90 ? 4 : 8))), 100);
  expect(support((day) => (day < 90 ? 40 : 80))).toBe(1);
  // Up to 2 % of the expected value are added for values near zero.
  expect(support(() => 40)).toBeLessThan(0.001);
  expect(support((day) => (day < 90 ? 40 : 20))).toBe(0);
});
