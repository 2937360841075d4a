import { describe, expect, test } from 'vitest';
import { forecast } from '../../src/forecast/forecast.ts';
import type { DailySeries, Forecast, ForecastOptions } from '../../src/forecast/types.ts';
import { dailySeries, noise } from '../support/daily-series.ts';
import { isFull } from '../support/runs.ts';

const asked: ForecastOptions = { horizons: [30, 60, 90], confidence: 0.8 };
const of = (series: DailySeries, more: Partial<ForecastOptions> = {}): Forecast =>
  forecast(series, { ...asked, ...more })!;
const values = ({ totals }: Forecast): number[] => totals.map(({ value }) => value);

describe('history', () => {
  test('of less than two weeks is too short', () => {
    expect(
      forecast(
        dailySeries(13, () => 10),
        asked,
      ),
    ).toBeUndefined();
    expect(
      forecast(
        dailySeries(14, () => 10),
        asked,
      ),
    ).toBeDefined();
  });

  test('of less than eight weeks gives the seasonal mean, with wide intervals', () => {
    const found = of(dailySeries(55, (day) => (day % 7) + 1));
    expect(found.model).toBe('seasonal mean');
    // The first forecast day is the seventh of a week: 30 days are four weeks of 28 and 7 + 1; 60 are eight weeks and 7 + 1 + 2 + 3.
    expect(values(found)[0]).toBeCloseTo(4 * 28 + 7 + 1, 9);
    expect(values(found)[1]).toBeCloseTo(8 * 28 + 7 + 1 + 2 + 3, 9);
    const [{ value, low, high, error, coverage, origins }] = found.totals as [Forecast['totals'][number]];
    expect([error, coverage, origins]).toEqual([undefined, undefined, 0]);
    // 40 % of the forecast plus a tenth of 30 usual days; the mean of all 55 days is (7 · 28 + 21) / 55.
    const reach = 0.4 * (value + 0.1 * 30 * (217 / 55));
    expect(high).toBeCloseTo(value + reach, 9);
    // A horizon of one day less has a higher lower bound, which is kept.
    const before = value - 1 - 0.4 * Math.sqrt(29 / 30) * (value - 1 + 0.1 * 29 * (217 / 55));
    expect([before > value - reach, low]).toEqual([true, expect.closeTo(before, 9)]);
  });

  test('of eight weeks or more is evaluated from many origins', () => {
    const found = of(dailySeries(140, (day) => 100 + (day % 7)));
    // Origins every seventh day from 28 to 133; 12, 8 and 4 of them have complete horizons of 30, 60 and 90 days.
    expect(found.totals.map(({ origins }) => origins)).toEqual([12, 8, 4]);
    // From 28 to 105 fit three of 30 days without overlap, to 77 one of 60, to 49 one of 90: too few for a coverage.
    expect(found.totals.map(({ independent, coverage }) => [independent, coverage])).toEqual([
      [3, undefined],
      [1, undefined],
      [1, undefined],
    ]);
    expect(found.model).toMatch(/^[\w -]+ \d+ %(, [\w -]+ \d+ %)+$/);
  });
});

describe('a constant series', () => {
  test.each([100, 400, 800])('of %i days goes on, and nothing else is to be expected', (days) => {
    for (const { horizonDays, value, low, high } of of(dailySeries(days, () => 10)).totals) {
      expect([value, low, high].map((each) => Math.round(each * 1e4) / 1e4)).toEqual([
        10 * horizonDays,
        10 * horizonDays,
        10 * horizonDays,
      ]);
    }
  });

  test('has no error and full coverage', () => {
    for (const { error, naiveError, coverage } of of(dailySeries(600, () => 10)).totals) {
      expect([error, naiveError, coverage]).toEqual([expect.closeTo(0, 6), 0, 1]);
    }
  });

  test('of zeros is forecast as zero', () => {
    for (const days of [20, 100, 800]) {
      const found = of(dailySeries(days, () => 0));
      for (const { value, low, high } of [...found.totals, ...found.days])
        expect([value, low, high]).toEqual([0, 0, 0]);
    }
  });
});

describe('unusual history', () => {
  const random = noise(7);
  const usual = Array.from({ length: 900 }, (_, day) => 100 + 10 * (day % 7) + 10 * random());
  const series = (
    days: number,
    change: (value: number, day: number) => number,
    active?: (day: number) => number,
  ): DailySeries => dailySeries(days, (day) => change(usual[day]!, day), active);
  const plain = of(series(400, (value) => value));

  test('one huge day hardly changes the forecast, whether long ago or yesterday', () => {
    for (const giant of [100, 399]) {
      const found = of(series(400, (value, day) => (day === giant ? 1e9 : value)));
      expect(found.outliers).toBe(1);
      found.totals.forEach(({ value, high }, at) => {
        expect(Math.abs(value / plain.totals[at]!.value - 1)).toBeLessThan(0.05);
        expect(high).toBeLessThan(1.5 * value);
      });
    }
  });

  test('a long gap is not a season: same forecast, wider intervals', () => {
    const found = of(
      series(
        400,
        (value, day) => (day >= 200 && day < 260 ? 0 : value),
        (day) => (day >= 228 && day < 260 ? 0 : 1),
      ),
    );
    found.totals.forEach(({ value, low, high }, at) => {
      expect(Math.abs(value / plain.totals[at]!.value - 1)).toBeLessThan(0.05);
      expect(low).toBeGreaterThan(0);
      expect(high).toBeLessThan(3 * value);
      expect(high - low).toBeGreaterThan(plain.totals[at]!.high - plain.totals[at]!.low);
    });
  });

  test('a network closed for two months is forecast to stay closed, with an interval', () => {
    const { totals } = of(
      series(
        400,
        (value, day) => (day < 340 ? value : 0),
        (day) => (day < 368 ? 1 : 0),
      ),
    );
    for (const { value, low, high, horizonDays } of totals) {
      expect(low).toBe(0);
      expect(value).toBeLessThan(0.001 * 130 * horizonDays);
      expect(high).toBeGreaterThan(0);
      expect(high).toBeLessThan(0.1 * 130 * horizonDays);
    }
  });

  test('a network that doubled its charge points a month ago is forecast from the new level', () => {
    const doubled = (since: number): Forecast =>
      of(
        series(
          800,
          (value, day) => (day >= 800 - since ? 2 * value : value),
          (day) => (day >= 800 - since ? 20 : 10),
        ),
      );
    const before = of(
      series(
        800,
        (value) => value,
        () => 10,
      ),
    );
    for (const [since, share] of [
      [30, 1.9],
      [10, 1.8],
    ] as const) {
      values(doubled(since)).forEach((value, at) => {
        expect(value).toBeGreaterThan(share * values(before)[at]!);
        expect(value).toBeLessThan(2.1 * values(before)[at]!);
      });
    }
  });
});

test('error is that of earlier origins, naive error that of repeating the last week', () => {
  // 100 a day, but 200 in every fourth week: repeating the last week fails whenever weeks differ.
  const { totals } = of(dailySeries(364, (day) => (Math.floor(day / 7) % 4 === 3 ? 200 : 100)));
  const [{ error, naiveError }] = totals as [Forecast['totals'][number]];
  // 30 days hold 4 weeks and 2 days, so 3500 or more: a repeated 100 gives 3000, a repeated 200 gives 6000.
  expect(naiveError).toBeGreaterThan(0.25);
  expect(error).toBeLessThan(naiveError!);
});

test('80 % intervals of noisy series hold about 80 % of the outcomes', () => {
  let held = 0;
  const all = isFull ? 150 : 50;
  for (let seed = 1; seed <= all; seed++) {
    const random = noise(seed * 7919);
    let level = 100;
    const series = dailySeries(330, (day) => {
      level *= 1 + 0.01 * random();
      return level * (day % 7 < 5 ? 1.1 : 0.75) * (1 + 0.3 * random());
    });
    const known = { ...series, values: series.values.slice(0, 300), active: series.active.slice(0, 300) };
    const came = series.values.slice(300).reduce((sum, value) => sum + value, 0);
    const [{ low, high }] = of(known, { horizons: [30] }).totals as [Forecast['totals'][number]];
    if (came >= low && came <= high) held += 1;
  }
  expect(held / all).toBeGreaterThan(0.7);
  expect(held / all).toBeLessThan(0.92);
});
