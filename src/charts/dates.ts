/** Distance of two dates of a series. */
export type DateStep = 'day' | 'week' | 'month' | 'quarter' | 'year';

const dateText = /^(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d))?(?:\.\d+)?)?$/;

const msPerDay = 86_400_000;

/** Maximum number of dates that are added to a series for its gaps. */
const maxDates = 20_000;

/** Milliseconds since 1970 of a date or time as text; undefined for other texts. */
export function parseDate(text: string): number | undefined {
  const match = dateText.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour = '0', minute = '0', second = '0'] = match;
  const ms = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  return Number.isNaN(ms) ? undefined : ms;
}

/** A date as 2025-01-31, with the time unless it is midnight. */
export const formatDate = (ms: number): string =>
  new Date(ms)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.000Z$/, '')
    .replace(/ 00:00:00$/, '');

const addMonths = (ms: number, months: number): number => {
  const date = new Date(ms);
  return date.setUTCMonth(date.getUTCMonth() + months);
};

/** The date one step later. */
export function nextDate(ms: number, step: DateStep): number {
  if (step === 'day') return ms + msPerDay;
  if (step === 'week') return ms + 7 * msPerDay;
  return addMonths(ms, { month: 1, quarter: 3, year: 12 }[step]);
}

/** The longest step that all dates in order fit; undefined for times within days, and for a single date. */
export function inferStep(dates: readonly number[]): DateStep | undefined {
  if (dates.length < 2 || dates.some((ms) => ms % msPerDay !== 0)) return undefined;
  const all = dates.map((ms) => new Date(ms));
  const isFirstOfMonth = all.every((date) => date.getUTCDate() === 1);
  const months = dates.map((_, at) => all[at]!.getUTCFullYear() * 12 + all[at]!.getUTCMonth());
  const fits = (distance: number, values: readonly number[]): boolean =>
    values.every((value) => (value - values[0]!) % distance === 0);
  if (isFirstOfMonth && fits(12, months)) return 'year';
  if (isFirstOfMonth && fits(3, months)) return 'quarter';
  if (isFirstOfMonth) return 'month';
  return fits(7 * msPerDay, dates) ? 'week' : 'day';
}

/** All dates from the first to the last one, with those of gaps; the dates themselves if the step does not fit. */
export function fillDates(dates: readonly number[], step: DateStep | undefined): number[] {
  const [first, last] = [dates[0], dates.at(-1)];
  if (step === undefined || first === undefined || last === undefined) return [...dates];
  const known = new Set(dates);
  const filled: number[] = [];
  for (let ms = first; ms <= last && filled.length <= maxDates; ms = nextDate(ms, step)) {
    filled.push(ms);
    known.delete(ms);
  }
  return known.size === 0 && filled.length <= maxDates ? filled : [...dates];
}

const monthNames = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** A mark of a date axis. */
export interface DateTick {
  ms: number;
  label: string;
  /** The year, below the label of the first mark and of the first one in each year. */
  year: string;
}

/** At most so many marks for dates in order: years, months, or days of the series. */
export function dateTicks(dates: readonly number[], maxCount: number): DateTick[] {
  const [first, last] = [dates[0], dates.at(-1)];
  if (first === undefined || last === undefined) return [];
  const spanDays = (last - first) / msPerDay;
  const ticks =
    spanDays > 366 * maxCount
      ? startsOf(first, last, 12, Math.ceil(spanDays / 365 / maxCount))
      : spanDays > 28 * Math.min(maxCount, 4)
        ? startsOf(first, last, 1, [1, 2, 3, 6, 12].find((months) => spanDays / 30.4 / months <= maxCount) ?? 12)
        : everyNth(dates, maxCount);
  const isMonthly = ticks.every((ms) => new Date(ms).getUTCDate() === 1) && spanDays > 28;
  const isTimed = dates.some((ms) => ms % msPerDay !== 0);
  return ticks.map((ms, at) => {
    const date = new Date(ms);
    const year = String(date.getUTCFullYear());
    const isNewYear = at === 0 || new Date(ticks[at - 1]!).getUTCFullYear() !== date.getUTCFullYear();
    const month = monthNames[date.getUTCMonth()]!;
    const day = `${date.getUTCDate()} ${month}`;
    const label = isMonthly ? month : isTimed ? `${day} ${formatDate(ms).slice(11, 16) || '00:00'}` : day;
    return { ms, label, year: isNewYear ? year : '' };
  });
}

/** First days of every nth month, or of every nth year, within two dates. */
function startsOf(first: number, last: number, unit: 1 | 12, every: number): number[] {
  const months = unit * every;
  const date = new Date(first);
  const index = date.getUTCFullYear() * 12 + date.getUTCMonth() + (date.getUTCDate() > 1 ? 1 : 0);
  const starts: number[] = [];
  for (let month = Math.ceil(index / months) * months; ; month += months) {
    const ms = Date.UTC(Math.floor(month / 12), month % 12, 1);
    if (ms > last) return starts.length > 0 ? starts : [first];
    starts.push(ms);
  }
}

/** Distances in days between marks of a daily series: up to 3 days, or whole weeks. */
const daySteps = [1, 2, 3, 7, 14, 28];

/** Every nth date, so that at most so many remain. */
function everyNth(dates: readonly number[], maxCount: number): number[] {
  const size = Math.ceil(dates.length / Math.max(1, maxCount));
  const isDaily = dates.every((ms, at) => at === 0 || ms - dates[at - 1]! === msPerDay);
  const step = isDaily ? (daySteps.find((days) => days >= size) ?? size) : size;
  return dates.filter((_, at) => at % step === 0);
}
