import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { forecast } from '../../src/forecast/forecast.ts';
import { replaceHolidays } from '../../src/forecast/holidays.ts';
import { runs } from '../support/runs.ts';

const constant = (days: number, value = 10): Float64Array => new Float64Array(days).fill(value);

describe('the usual value of a holiday', () => {
  test('is the mean of the same weekday before, the last week first', () => {
    const values = constant(29);
    [4, 3, 2, 1].forEach((age) => (values[28 - 7 * age] = 12 * age));
    values[28] = 1;
    // (12 / 1 + 24 / 2 + 36 / 3 + 48 / 4) / (1 + 1/2 + 1/3 + 1/4)
    expect(replaceHolidays(values, [28]).usual[28]).toBeCloseTo(48 / (25 / 12), 10);
  });

  test('skips earlier holidays', () => {
    const values = constant(22);
    [values[7], values[14], values[21]] = [30, 0, 0];
    // 30 / 2 + 10 / 3 over 1/2 + 1/3
    expect(replaceHolidays(values, [14, 21]).usual[21]).toBeCloseTo((15 + 10 / 3) / (5 / 6), 10);
  });

  test('is its own in the first week, and does not count', () => {
    const values = constant(10);
    values[2] = 3;
    const { usual, shareOf } = replaceHolidays(values, [2]);
    expect(usual[2]).toBe(3);
    expect(shareOf(10)).toBeCloseTo(0.57, 10);
  });

  test('does not depend on later days', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 8, maxLength: 60 }),
        fc.uniqueArray(fc.nat(59), { maxLength: 12 }),
        fc.nat(59),
        (values, found, cut) => {
          const days = found.toSorted((a, b) => a - b);
          const known = Math.min(cut, values.length);
          const [all, first] = [values, values.slice(0, known)].map((each) =>
            replaceHolidays(Float64Array.from(each), days),
          ) as [ReturnType<typeof replaceHolidays>, ReturnType<typeof replaceHolidays>];
          expect(all.usual.slice(0, known)).toEqual(first.usual);
          expect(all.shareOf(known)).toBe(first.shareOf(known));
        },
      ),
      { numRuns: runs(200) },
    );
  });
});

describe('the share of a holiday', () => {
  test('starts with that of other networks, which counts like four holidays', () => {
    const values = constant(60);
    [values[30], values[40]] = [0, 8];
    const { shareOf } = replaceHolidays(values, [30, 40, 70]);
    expect(shareOf(30)).toBeCloseTo(0.57, 10);
    expect(shareOf(31)).toBeCloseTo((4 * 0.57) / 5, 10);
    expect(shareOf(60)).toBeCloseTo((4 * 0.57 + 0.8) / 6, 10);
  });

  test('is limited, so that one holiday cannot decide', () => {
    const values = constant(60);
    values[30] = 1000;
    expect(replaceHolidays(values, [30]).shareOf(60)).toBeCloseTo((4 * 0.57 + 2.5) / 5, 10);
  });
});

describe('a forecast', () => {
  const options = { horizons: [30], confidence: 0.8 };
  const length = 756;
  const every28 = Array.from({ length: 28 }, (_, at) => 20 + 28 * at);
  const holidays = every28.filter((day) => day < length);
  const series = {
    name: '',
    firstDay: '2024-01-01',
    values: [...constant(length, 100)].map((value, day) => (holidays.includes(day) ? 20 : value)),
    active: [...constant(length, 1)],
  };

  test('has fewer on holidays and the usual value on other days', () => {
    const { days, totals } = forecast({ ...series, holidays: every28 }, options)!;
    // 27 holidays of a fifth, and four of other networks.
    const share = (27 * 0.2 + 4 * 0.57) / 31;
    const at = every28.find((day) => day >= length)! - length;
    expect(days[at]!.value).toBeCloseTo(100 * share, 6);
    expect(days[at + 1]!.value).toBeCloseTo(100, 6);
    expect(totals[0]!.value).toBeCloseTo(2900 + 100 * share, 6);
  });

  test('has the same days in a history too short to be tested', () => {
    const short = { ...series, values: series.values.slice(0, 40), active: series.active.slice(0, 40) };
    const { days } = forecast({ ...short, holidays: every28 }, options)!;
    // Day 20 is the only holiday that is over, day 48 the next.
    expect(days[8]!.value).toBeCloseTo((100 * (0.2 + 4 * 0.57)) / 5, 6);
    expect(days[7]!.value).toBeCloseTo(100, 6);
  });

  test('is tested on the days that were, not on those without holidays', () => {
    const [first] = forecast({ ...series, holidays: every28 }, options)!.totals;
    // A sum of 30 days has one or two holidays, and each was expected a little too high.
    expect(first!.error).toBeGreaterThan(0.0005);
    expect(first!.error).toBeLessThan(0.01);
    expect(first!.naiveError).toBeGreaterThan(0.02);
  });

  test('does not change without holidays', () => {
    expect(forecast({ ...series, holidays: [] }, options)).toEqual(forecast(series, options));
  });
});
