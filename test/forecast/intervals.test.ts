import { expect, test } from 'vitest';
import { around, distance, widthOf, widthUnknown } from '../../src/forecast/intervals.ts';

test('a distance is a share of the forecast and a tenth of what is usual', () => {
  // 30 off of 90 + 0.1 · 100.
  expect(distance(120, 90, 100)).toBeCloseTo(0.3, 12);
  expect(distance(60, 90, 100)).toBeCloseTo(0.3, 12);
  expect(distance(5, 0, 0)).toBeUndefined();
});

test('an interval holds exactly what is that far away, and no less than nothing', () => {
  const [low, high] = around(90, 100, 0.3);
  expect([low, high]).toEqual([60, 120]);
  expect(distance(high, 90, 100)).toBeCloseTo(0.3, 12);
  expect(around(90, 100, 2)[0]).toBe(0);
});

test('of 19 distances the 80 % are the 16th, by the rank of split conformal prediction', () => {
  // ceil(20 · 0.8) = 16; and ceil(20 · 0.5) = 10.
  const distances = Array.from({ length: 19 }, (_, at) => (19 - at) / 100);
  expect(widthOf(distances, 19, 0.8)).toBeCloseTo(0.16, 12);
  // At 50 % the tail is 0.16 · t(0.75) / t(0.9) of 19 degrees of freedom = 0.16 · 0.6876 / 1.3277 = 0.0829: narrower than the 10th.
  expect(widthOf(distances, 19, 0.5)).toBeCloseTo(0.1, 12);
});

test('beyond 80 % the tail of Student is taken where it is wider than the errors', () => {
  const distances = [0.1, 0.1, 0.1, 0.1, 0.1, 0.1];
  // t(0.975) / t(0.9) of 2 degrees of freedom = 4.3027 / 1.8856.
  expect(widthOf(distances, 1, 0.95)).toBeCloseTo(0.1 * (4.3027 / 1.8856), 4);
  // Of ten the ninth is that of 80 %, and the tenth, 5, is wider than its tail.
  expect(widthOf([...distances, 0.1, 0.1, 0.1, 5], 1, 0.95)).toBe(5);
});

test('where too little is known, a month may be 40 % off, and four months twice as much', () => {
  expect(widthUnknown(30, 0.8)).toBeCloseTo(0.4, 12);
  expect(widthUnknown(120, 0.8)).toBeCloseTo(0.8, 12);
  // t(0.975) / t(0.9) of 3 degrees of freedom = 3.1824 / 1.6377.
  expect(widthUnknown(30, 0.95)).toBeCloseTo(0.4 * (3.1824 / 1.6377), 4);
});
