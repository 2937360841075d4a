import { expect, test } from 'vitest';
import { defaultWidth, intervalAround, intervalWidth, relativeError } from '../../src/forecast/intervals.ts';

test('a relative error is a share of the forecast plus a tenth of the usual level', () => {
  // An error of 30, divided by 90 + 0.1 · 100.
  expect(relativeError(120, 90, 100)).toBeCloseTo(0.3, 12);
  expect(relativeError(60, 90, 100)).toBeCloseTo(0.3, 12);
  expect(relativeError(5, 0, 0)).toBeUndefined();
});

test('an interval holds values within its width, and none below zero', () => {
  const [low, high] = intervalAround(90, 100, 0.3);
  expect([low, high]).toEqual([60, 120]);
  expect(relativeError(high, 90, 100)).toBeCloseTo(0.3, 12);
  expect(intervalAround(90, 100, 2)[0]).toBe(0);
});

test('the 80 % width of 19 errors is the 16th, by split conformal prediction', () => {
  // ceil(20 · 0.8) = 16; and ceil(20 · 0.5) = 10.
  const distances = Array.from({ length: 19 }, (_, at) => (19 - at) / 100);
  expect(intervalWidth(distances, 19, 0.8)).toBeCloseTo(0.16, 12);
  // At 50 % the tail is 0.16 · t(0.75) / t(0.9) of 19 degrees of freedom = 0.16 · 0.6876 / 1.3277 = 0.0829: narrower than the 10th.
  expect(intervalWidth(distances, 19, 0.5)).toBeCloseTo(0.1, 12);
});

test('above 80 % the tail of the t-distribution is used if it is wider', () => {
  const distances = [0.1, 0.1, 0.1, 0.1, 0.1, 0.1];
  // t(0.975) / t(0.9) of 2 degrees of freedom = 4.3027 / 1.8856.
  expect(intervalWidth(distances, 1, 0.95)).toBeCloseTo(0.1 * (4.3027 / 1.8856), 4);
  // The ninth of ten is the 80 % error; the tenth, 5, is wider than its tail.
  expect(intervalWidth([...distances, 0.1, 0.1, 0.1, 5], 1, 0.95)).toBe(5);
});

test('the default width is 40 % for a month, and twice that for four months', () => {
  expect(defaultWidth(30, 0.8)).toBeCloseTo(0.4, 12);
  expect(defaultWidth(120, 0.8)).toBeCloseTo(0.8, 12);
  // t(0.975) / t(0.9) of 3 degrees of freedom = 3.1824 / 1.6377.
  expect(defaultWidth(30, 0.95)).toBeCloseTo(0.4 * (3.1824 / 1.6377), 4);
});
