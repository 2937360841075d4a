import { describe, expect, test } from 'vitest';
import { dateTicks, fillDates, inferStep, parseDate } from '../../src/charts/dates.ts';

const dates = (...texts: string[]): number[] => texts.map((text) => parseDate(text)!);
const daily = (first: string, count: number): number[] =>
  Array.from({ length: count }, (_, at) => parseDate(first)! + at * 86_400_000);
const labels = (ms: readonly number[], maxCount: number): string[] =>
  dateTicks(ms, maxCount).map(({ label, year }) => `${label} ${year}`.trimEnd());

describe('the step of dates', () => {
  test.each([
    ['day', ['2025-01-01', '2025-01-02', '2025-01-05']],
    ['week', ['2025-01-06', '2025-01-20']],
    ['month', ['2025-01-01', '2025-02-01', '2025-04-01']],
    ['quarter', ['2025-01-01', '2025-07-01', '2025-10-01']],
    ['year', ['2023-01-01', '2025-01-01']],
    [undefined, ['2025-01-01']],
    [undefined, ['2025-01-01 10:00:00', '2025-01-02 11:00:00']],
  ])('%s', (step, texts) => {
    expect(inferStep(dates(...texts))).toBe(step);
  });

  test('gaps are filled', () => {
    expect(fillDates(dates('2025-01-30', '2025-02-02'), 'day')).toEqual(
      dates('2025-01-30', '2025-01-31', '2025-02-01', '2025-02-02'),
    );
    expect(fillDates(dates('2024-12-01', '2025-02-01'), 'month')).toEqual(
      dates('2024-12-01', '2025-01-01', '2025-02-01'),
    );
  });

  test('dates that do not fit the step stay as they are', () => {
    expect(fillDates(dates('2025-01-01', '2025-01-04'), 'week')).toEqual(dates('2025-01-01', '2025-01-04'));
  });
});

describe('marks of a date axis', () => {
  test('days, then whole weeks', () => {
    expect(labels(daily('2025-01-30', 4), 8)).toEqual(['30 Jan 2025', '31 Jan', '1 Feb', '2 Feb']);
    // 30 days, at most 7 marks: every 5th would split weeks.
    expect(labels(daily('2025-03-01', 30), 7)).toEqual(['1 Mar 2025', '8 Mar', '15 Mar', '22 Mar', '29 Mar']);
  });

  test('months, with the year where it begins', () => {
    expect(labels(daily('2024-11-15', 120), 10)).toEqual(['Dec 2024', 'Jan 2025', 'Feb', 'Mar']);
    expect(labels(daily('2024-01-01', 731), 10)).toEqual([
      'Jan 2024',
      'Apr',
      'Jul',
      'Oct',
      'Jan 2025',
      'Apr',
      'Jul',
      'Oct',
    ]);
  });

  test('years', () => {
    expect(labels(daily('2015-06-01', 3650), 5)).toEqual(['Jan 2016', 'Jan 2018', 'Jan 2020', 'Jan 2022', 'Jan 2024']);
  });

  test('a single date', () => {
    expect(labels(dates('2025-05-05'), 5)).toEqual(['5 May 2025']);
  });
});
