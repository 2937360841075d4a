import { suggest } from './names.ts';

/** First and last day of a period, as YYYY-MM-DD. */
export interface DayRange {
  from: string;
  to: string;
}

const msPerDay = 86_400_000;
const toDay = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
/** Midnight UTC of a date; months and days outside their range count on. */
function midnight(year: number, month: number, day: number): number {
  const date = new Date(0);
  // Date.UTC reads years below 100 as 1900 and later.
  date.setUTCFullYear(year, month, day);
  return date.getTime();
}
const range = (from: number, afterLast: number): DayRange => ({ from: toDay(from), to: toDay(afterLast - msPerDay) });
const monthsFrom = (year: number, month: number, count: number): DayRange =>
  range(midnight(year, month, 1), midnight(year, month + count, 1));

/** Monday of the week with a day. */
const mondayOf = (day: number): number => day - ((new Date(day).getUTCDay() + 6) % 7) * msPerDay;

/** The days of a year, quarter, month or ISO week, such as 2025, 2025-Q1, 2025-02 or 2025-W05; undefined for other texts. */
export function parseCalendarPeriod(text: string): DayRange | undefined {
  const match = /^(\d{4})(?:-(?:Q([1-4])|W(\d\d)|(\d\d)))?$/.exec(text);
  if (!match) return undefined;
  const [year, quarter, week, month] = match.slice(1).map(Number) as [number, number, number, number];
  if (year === 0) return undefined;
  if (match[2] !== undefined) return monthsFrom(year, (quarter - 1) * 3, 3);
  if (match[3] !== undefined) {
    // 4 January is always in week 1.
    const monday = mondayOf(midnight(year, 0, 4)) + (week - 1) * 7 * msPerDay;
    const isInYear = week >= 1 && new Date(monday + 3 * msPerDay).getUTCFullYear() === year;
    return isInYear ? range(monday, monday + 7 * msPerDay) : undefined;
  }
  if (match[4] !== undefined) return month >= 1 && month <= 12 ? monthsFrom(year, month - 1, 1) : undefined;
  return monthsFrom(year, 0, 12);
}

/** Names of periods relative to today. */
export const relativePeriods = [
  'today',
  'yesterday',
  'this-week',
  'last-week',
  'this-month',
  'last-month',
  'this-quarter',
  'last-quarter',
  'this-year',
  'last-year',
  'last-7-days',
  'last-30-days',
] as const;

/** Accepted periods in messages and docs. */
export const periodForms = `${relativePeriods.join(', ')} or any last-N-days, 2025, 2025-Q1, 2025-02, 2025-W05`;

/** The nearest accepted periods for an invalid one. */
export function suggestPeriod(text: string): string {
  const suggestion = suggest(text, relativePeriods, 'Accepted');
  return suggestion.startsWith('Did') ? `${suggestion} Accepted: ${periodForms}.` : `Accepted: ${periodForms}.`;
}

/** Max days of last-N-days: a hundred years. */
const maxDays = 36_525;

/**
 * The days of a period; undefined if it is not one.
 * @param today local date as YYYY-MM-DD; last-N-days are the whole days before it
 */
export function parsePeriod(text: string, today: string): DayRange | undefined {
  const calendar = parseCalendarPeriod(text);
  if (calendar) return calendar;
  const now = Date.parse(today);
  const [year, month] = [new Date(now).getUTCFullYear(), new Date(now).getUTCMonth()];
  const days = Number(/^last-([1-9]\d{0,4})-days$/.exec(text)?.[1]);
  if (days <= maxDays) return range(now - days * msPerDay, now);
  if (text === 'today') return range(now, now + msPerDay);
  if (text === 'yesterday') return range(now - msPerDay, now);
  const [which, unit] = text.split('-');
  if (text !== `${which}-${unit}` || (which !== 'this' && which !== 'last')) return undefined;
  const back = which === 'last' ? 1 : 0;
  switch (unit) {
    case 'week': {
      const monday = mondayOf(now) - back * 7 * msPerDay;
      return range(monday, monday + 7 * msPerDay);
    }
    case 'month':
      return monthsFrom(year, month - back, 1);
    case 'quarter':
      return monthsFrom(year, Math.floor(month / 3) * 3 - back * 3, 3);
    case 'year':
      return monthsFrom(year - back, 0, 12);
    default:
      return undefined;
  }
}
