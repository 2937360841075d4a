import { expect, test } from 'vitest';
import { capacity, defaultWidth, intervalAround, logError, valueAt } from '../../src/forecast/intervals.ts';
import { pooledErrors } from '../../src/forecast/pooled-errors.ts';
import { interpolate, sumQuantiles, type PooledErrors } from '../../src/forecast/pooled-quantiles.ts';
import { expectedSpread, irregularity } from '../../src/forecast/spread.ts';

test('an error is the logarithm of a ratio, with a tenth of the usual level added', () => {
  // (120 + 10) / (90 + 10) and (60 + 10) / (90 + 10).
  expect(logError(120, 90, 100)).toBeCloseTo(Math.log(1.3), 12);
  expect(logError(60, 90, 100)).toBeCloseTo(Math.log(0.7), 12);
  expect(logError(5, 0, 0)).toBeUndefined();
  expect(logError(1e9, 90, 100)).toBe(3);
});

test('a value at an error is its inverse, and not below zero', () => {
  expect(valueAt(90, 100, Math.log(1.3))).toBeCloseTo(120, 9);
  expect(valueAt(90, 100, -10)).toBe(0);
});

test('quantiles are interpolated between horizons and probabilities, by class of history', () => {
  const table: PooledErrors = {
    probabilities: [0.1, 0.5, 0.9],
    horizons: [30, 120],
    historyDays: [56, 365],
    sums: [
      [
        [-2, 0, 4],
        [-4, 0, 8],
      ],
      [
        [-1, 0, 1],
        [-1, 0, 1],
      ],
    ],
    days: [-1, 0, 1],
  };
  expect(sumQuantiles(table, 100, 30, 0.8)).toEqual([expect.closeTo(-2, 9), expect.closeTo(4, 9)]);
  // 60 days are half way from 30 to 120 on a logarithmic scale; 40 % are half way to the median.
  expect(sumQuantiles(table, 100, 60, 0.8)).toEqual([expect.closeTo(-3, 9), expect.closeTo(6, 9)]);
  expect(sumQuantiles(table, 100, 60, 0.4)).toEqual([expect.closeTo(-1.5, 9), expect.closeTo(3, 9)]);
  expect(sumQuantiles(table, 400, 300, 0.99)).toEqual([-1, 1]);
  expect([interpolate([1, 2], [5, 7], 0), interpolate([1, 2], [5, 7], 9)]).toEqual([5, 7]);
});

test('the pooled table is complete, ascending, and wider than nothing', () => {
  const { probabilities, horizons, historyDays, sums, days } = pooledErrors;
  const ascending = (values: readonly number[]): boolean =>
    values.every((value, at) => Number.isFinite(value) && (at === 0 || value >= values[at - 1]!));
  for (const values of [probabilities, horizons, historyDays, days]) expect(ascending(values)).toBe(true);
  expect(historyDays[0]).toBe(56);
  expect([probabilities[0]! <= 0.005, probabilities.at(-1)! >= 0.995]).toEqual([true, true]);
  expect(sums.map((byHorizon) => byHorizon.map((quantiles) => quantiles.length))).toEqual(
    historyDays.map(() => horizons.map(() => probabilities.length)),
  );
  const at = (probability: number): number => probabilities.indexOf(probability);
  for (const quantiles of [...sums.flat(), days]) {
    expect(ascending(quantiles)).toBe(true);
    expect([quantiles[at(0.1)]! < -0.5, quantiles[at(0.9)]! > 0.5]).toEqual([true, true]);
  }
});

test('the expected spread grows with horizon, noise and growth, and shrinks with history', () => {
  const features = { days: 400, noise: 0.05, growth: 0.001 };
  const spread = expectedSpread(features, 60);
  // 0.016 + 2.5 · 0.0025 · (0.5 + 14 / 60) + 0.08 · 0.182² + 0.02 · 60 / 400.
  expect(spread ** 2).toBeCloseTo(0.016 + 0.00458333 + 0.00264992 + 0.003, 6);
  expect(expectedSpread(features, 90)).toBeGreaterThan(spread);
  expect(expectedSpread({ ...features, noise: 0.1 }, 60)).toBeGreaterThan(spread);
  expect(expectedSpread({ ...features, days: 800 }, 60)).toBeLessThan(spread);
  expect([irregularity({ ...features, noise: 0 }), irregularity({ ...features, noise: 0.002 })]).toEqual([0, 0.5]);
});

test('the capacity is three times the best week of the charge points', () => {
  expect([capacity(10, 4), capacity(10, 0)]).toEqual([120, 30]);
});

test('the default width is 40 % for a month, and twice that for four months', () => {
  expect(defaultWidth(30, 0.8)).toBeCloseTo(0.4, 12);
  expect(defaultWidth(120, 0.8)).toBeCloseTo(0.8, 12);
  // t(0.975) / t(0.9) of 3 degrees of freedom = 3.1824 / 1.6377.
  expect(defaultWidth(30, 0.95)).toBeCloseTo(0.4 * (3.1824 / 1.6377), 4);
  expect(intervalAround(90, 100, 0.3)).toEqual([60, 120]);
});
