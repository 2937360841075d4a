import { expect, test } from 'vitest';
import { withPlan } from '../../src/forecast/plan.ts';
import type { Forecast } from '../../src/forecast/types.ts';

/** Ten a day from two charge points, give or take four. */
const ten: Forecast = {
  model: 'm',
  outliers: 0,
  totals: [2, 4].map((horizonDays) => ({
    horizonDays,
    value: 10 * horizonDays,
    low: 6 * horizonDays,
    high: 14 * horizonDays,
    origins: 3,
    independent: 1,
  })),
  days: Array.from({ length: 4 }, () => ({ value: 10, low: 6, high: 14 })),
};

test('new charge points add their share from their day on', () => {
  const { days, totals } = withPlan(ten, [{ points: 1, day: 2 }], 2);
  expect(days.map(({ value }) => value)).toEqual([10, 10, 15, 15]);
  expect(days[3]).toEqual({ value: 15, low: 9, high: 21 });
  // 10 + 10, and 15 + 15 more: 50 instead of 40 in four days.
  expect(totals).toEqual([{ ...ten.totals[0]! }, { ...ten.totals[1]!, value: 50, low: 30, high: 70 }]);
});

test('changes add up, and a network can close', () => {
  const plan = [
    { points: -1, day: 1 },
    { points: -1, day: 3 },
  ];
  const { days, totals } = withPlan(ten, plan, 2);
  expect(days.map(({ value }) => value)).toEqual([10, 5, 5, 0]);
  expect(totals.map(({ value }) => value)).toEqual([15, 20]);
  // A bound never decreases with the horizon.
  expect(totals.map(({ low }) => low)).toEqual([9, 12]);
});

test('a forecast of nothing stays nothing', () => {
  const nothing = {
    ...ten,
    totals: ten.totals.map((each) => ({ ...each, value: 0, low: 0, high: 5 })),
    days: ten.days.map((each) => ({ ...each, value: 0 })),
  };
  const { totals } = withPlan(nothing, [{ points: 2, day: 0 }], 2);
  expect(totals.map(({ value, high }) => [value, high])).toEqual([
    [0, 10],
    [0, 10],
  ]);
});
