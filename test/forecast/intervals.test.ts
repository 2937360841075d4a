import { expect, test } from 'vitest';
import { defaultWidth, intervalAround, intervalWidth, relativeError } from '../../src/forecast/intervals.ts';

test('a distance is a share of the forecast and a tenth of what is usual', () => {
  // 30 off of 90 + 0.1 · 100.
  expect(relativeError(120, 90, 100)).toBeCloseTo(0.3, 12);
  expect(relativeError(60, 90, 100)).toBeCloseTo(0.3, 12);
  expect(relativeError(5, 0, 0)).toBeUndefined();
});

test('an interval holds exactly what is that far away, and no less than nothing', () => {
  const [low, high] = intervalAround(90, 100, 0.3);
  expect([low, high]).toEqual([60, 120]);
  expect(relativeError(high, 90, 100)).toBeCloseTo(0.3, 12);
  expect(intervalAround(90, 100, 2)[0]).toBe(0);
});

test('of 19 distances the 80 % are the 16th, by the rank of split conformal prediction', () => {
  // ceil(20 · 0.8) = 16; and ceil(20 · 0.5) = 10.
  const distances = Array.from({ length: 19 }, (_, at) => (19 - at) / 100);
  expect(intervalWidth(distances, 19, 0.8)).toBeCloseTo(0.16, 12);
  // At 50 % the tail is 0.16 · t(0.75) / t(0.9) of 19 degrees of freedom = 0.16 · 0.6876 / 1.3277 = 0.0829: narrower than the 10th.
  expect(intervalWidth(distances, 19, 0.5)).toBeCloseTo(0.1, 12);
});

test('beyond 80 % the tail of Student is taken where it is wider than the errors', () => {
  const distances = [0.1, 0.1, 0.1, 0.1, 0.1, 0.1];
  // t(0.975) / t(0.9) of 2 degrees of freedom = 4.3027 / 1.8856.
  expect(intervalWidth(distances, 1, 0.95)).toBeCloseTo(0.1 * (4.3027 / 1.8856), 4);
  // Of ten the ninth is that of 80 %, and the tenth, 5, is wider than its tail.
  expect(intervalWidth([...distances, 0.1, 0.1, 0.1, 5], 1, 0.95)).toBe(5);
});

test('where too little is known, a month may be 40 % off, and four months twice as much', () => {
  expect(defaultWidth(30, 0.8)).toBeCloseTo(0.4, 12);
  expect(defaultWidth(120, 0.8)).toBeCloseTo(0.8, 12);
  // t(0.975) / t(0.9) of 3 degrees of freedom = 3.1824 / 1.6377.
  expect(defaultWidth(30, 0.95)).toBeCloseTo(0.4 * (3.1824 / 1.6377), 4);
});
