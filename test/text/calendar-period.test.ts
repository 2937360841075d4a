import { describe, expect, test } from 'vitest';
import { parseCalendarPeriod, parsePeriod, suggestPeriod } from '../../src/text/calendar-period.ts';

// Wednesday.
const today = '2025-02-12';

describe('a named period', () => {
  test.each([
    ['today', '2025-02-12', '2025-02-12'],
    ['yesterday', '2025-02-11', '2025-02-11'],
    ['this-week', '2025-02-10', '2025-02-16'],
    ['last-week', '2025-02-03', '2025-02-09'],
    ['this-month', '2025-02-01', '2025-02-28'],
    ['last-month', '2025-01-01', '2025-01-31'],
    ['this-quarter', '2025-01-01', '2025-03-31'],
    ['last-quarter', '2024-10-01', '2024-12-31'],
    ['this-year', '2025-01-01', '2025-12-31'],
    ['last-year', '2024-01-01', '2024-12-31'],
    ['last-7-days', '2025-02-05', '2025-02-11'],
    ['last-30-days', '2025-01-13', '2025-02-11'],
    ['last-1-days', '2025-02-11', '2025-02-11'],
    ['last-365-days', '2024-02-13', '2025-02-11'],
  ])('%s', (text, from, to) => expect(parsePeriod(text, today)).toEqual({ from, to }));

  test.each([
    ['last-month', '2025-01-31', '2024-12-01', '2024-12-31'],
    ['last-month', '2024-03-31', '2024-02-01', '2024-02-29'],
    ['this-week', '2025-02-10', '2025-02-10', '2025-02-16'],
    ['this-week', '2025-02-16', '2025-02-10', '2025-02-16'],
    ['last-week', '2025-01-01', '2024-12-23', '2024-12-29'],
    ['yesterday', '2024-03-01', '2024-02-29', '2024-02-29'],
  ])('%s on %s', (text, day, from, to) => expect(parsePeriod(text, day)).toEqual({ from, to }));
});

describe('a calendar period', () => {
  test.each([
    ['2025', '2025-01-01', '2025-12-31'],
    ['2024-02', '2024-02-01', '2024-02-29'],
    ['2025-12', '2025-12-01', '2025-12-31'],
    ['2025-Q1', '2025-01-01', '2025-03-31'],
    ['2025-Q4', '2025-10-01', '2025-12-31'],
    // 4 January is always in week 1.
    ['2025-W01', '2024-12-30', '2025-01-05'],
    ['2025-W05', '2025-01-27', '2025-02-02'],
    ['2021-W01', '2021-01-04', '2021-01-10'],
    ['2020-W53', '2020-12-28', '2021-01-03'],
    ['0099-01', '0099-01-01', '0099-01-31'],
  ])('%s', (text, from, to) => expect(parseCalendarPeriod(text)).toEqual({ from, to }));
});

test.each([
  '',
  'last-months',
  'last_month',
  'Last-Month',
  'month',
  'this-day',
  'last-0-days',
  'last-7-day',
  'last-99999-days',
  'this-7-days',
  '2025-13',
  '2025-00',
  '2025-Q0',
  '2025-Q5',
  '2025-q1',
  '2025-W00',
  '2025-W53',
  '2025-2',
  '25',
  '2025-02-01',
  '0000',
  'last-month-',
])('%j is not a period', (text) => expect(parsePeriod(text, today)).toBeUndefined());

test('a near miss gets the nearest period and the accepted ones', () => {
  expect(suggestPeriod('last-mnth')).toBe(
    'Did you mean last-month? Accepted: today, yesterday, this-week, last-week, this-month, last-month, this-quarter, ' +
      'last-quarter, this-year, last-year, last-7-days, last-30-days or any last-N-days, 2025, 2025-Q1, 2025-02, 2025-W05.',
  );
  expect(suggestPeriod('2025-Q5')).toMatch(/^Accepted: today/);
});
