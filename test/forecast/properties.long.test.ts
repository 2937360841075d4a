import fc from 'fast-check';
import { expect, test } from 'vitest';
import { forecast } from '../../src/forecast/forecast.ts';
import type { DailySeries, Forecast, ForecastOptions } from '../../src/forecast/types.ts';
import { runs } from '../support/runs.ts';

/** Random series: zeros, noise, growth, gaps, huge days and refunds. */
const series: fc.Arbitrary<DailySeries> = fc
  .record({
    days: fc.integer({ min: 14, max: 500 }),
    level: fc.constantFrom(0, 0.001, 1, 250, 1e9),
    values: fc.array(
      fc.oneof(
        { weight: 8, arbitrary: fc.double({ min: 0, max: 2, noNaN: true }) },
        { weight: 2, arbitrary: fc.constant(0) },
        { weight: 1, arbitrary: fc.constantFrom(-1, 1000) },
      ),
      { minLength: 1, maxLength: 60 },
    ),
    growth: fc.double({ min: -0.005, max: 0.01, noNaN: true }),
    idle: fc.tuple(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 0, max: 200 })),
    points: fc.integer({ min: 1, max: 40 }),
  })
  .map(({ days, level, values, growth, idle: [from, length], points }) => {
    const isIdle = (day: number): boolean => day >= from && day < from + length;
    return {
      name: '',
      firstDay: '2024-01-01',
      values: Array.from({ length: days }, (_, day) =>
        isIdle(day) ? 0 : Math.round(1e4 * level * values[day % values.length]! * Math.exp(growth * day)) / 1e4,
      ),
      active: Array.from({ length: days }, (_, day) =>
        isIdle(day) && day >= from + 28 ? 0 : points + Math.floor(day / 50),
      ),
    };
  });
const horizons = fc
  .uniqueArray(fc.integer({ min: 1, max: 365 }), { minLength: 1, maxLength: 5 })
  .map((days) => days.toSorted((a, b) => a - b));
const confidence = fc.double({ min: 0.5, max: 0.99, noNaN: true });
const of = (each: DailySeries, asked: ForecastOptions): Forecast => forecast(each, asked)!;

test('values are not negative, intervals hold their values, and longer horizons are not lower', () => {
  fc.assert(
    fc.property(series, horizons, confidence, (each, days, share) => {
      const { totals, days: path } = of(each, { horizons: days, confidence: share });
      for (const { value, low, high } of [...totals, ...path]) {
        expect([value, low, high].every(Number.isFinite)).toBe(true);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(value).toBeGreaterThanOrEqual(low);
        expect(high).toBeGreaterThanOrEqual(value);
      }
      for (const [at, later] of totals.slice(1).entries()) {
        const earlier = totals[at]!;
        expect([later.value >= earlier.value, later.low >= earlier.low, later.high >= earlier.high]).toEqual([
          true,
          true,
          true,
        ]);
      }
      expect(path).toHaveLength(days.at(-1)!);
      for (const { horizonDays, value } of totals) {
        const sum = path.slice(0, horizonDays).reduce((all, day) => all + day.value, 0);
        expect(Math.abs(sum - value)).toBeLessThanOrEqual(1e-9 * Math.max(1, value));
      }
    }),
    { numRuns: runs(60) },
  );
});

test('higher confidence never narrows an interval', () => {
  fc.assert(
    fc.property(series, horizons, fc.tuple(confidence, confidence), (each, days, shares) => {
      const [less, more] = shares
        .toSorted((a, b) => a - b)
        .map((share) => of(each, { horizons: days, confidence: share })) as [Forecast, Forecast];
      for (const [few, many] of [
        [less.totals, more.totals],
        [less.days, more.days],
      ] as const) {
        few.forEach(({ low, high }, at) =>
          expect([many[at]!.low <= low, many[at]!.high >= high]).toEqual([true, true]),
        );
      }
    }),
    { numRuns: runs(30) },
  );
});

test('a forecast depends only on the history, not on the other horizons', () => {
  fc.assert(
    fc.property(series, horizons, confidence, (each, days, share) => {
      const all = of(each, { horizons: days, confidence: share });
      expect(of(each, { horizons: days, confidence: share })).toEqual(all);
      for (const { horizonDays, ...total } of all.totals) {
        expect(of(each, { horizons: [horizonDays], confidence: share }).totals).toEqual([{ horizonDays, ...total }]);
      }
    }),
    { numRuns: runs(15) },
  );
});
