import type Calendar from 'date-holidays';
import { WattduckError } from '../errors/wattduck-error.ts';

const msPerDay = 86_400_000;
/** Half a day, such as an evening, does not count. */
const minDays = 0.75;
/** Turns the country of the settings off; in capitals like a code. */
const noHolidays = 'NONE';

const codePattern = /^[a-z]{2}(?:-[a-z0-9]+){0,2}$/i;
const dateOf = (time: number): string => new Date(time).toISOString().slice(0, 10);

/** Calendars by country and region; the library is large and loaded on first use. */
const calendars = new Map<string, Calendar>();

/**
 * Public holidays of a country or region, as dates in ascending order. Where Christmas is one, 24 to 31 December count too.
 * @param code as DE, DE-BY, or `none`
 * @param parameter name of the parameter or setting, for messages
 * @throws WattduckError (usage) for another form, and for an unknown country or region
 */
export async function holidaysBetween(code: string, from: string, to: string, parameter: string): Promise<string[]> {
  const calendar = await calendarOf(code, parameter);
  if (!calendar) return [];
  const dates = new Set<string>();
  const [firstYear, lastYear] = [Number(from.slice(0, 4)), Number(to.slice(0, 4))];
  // A holiday can begin in the year before.
  for (let year = firstYear - 1; year <= lastYear; year++) {
    for (const { date, start, end, type } of calendar.getHolidays(year)) {
      const days = (end.getTime() - start.getTime()) / msPerDay;
      if ((type !== 'public' && type !== 'bank') || days < minDays) continue;
      const first = Date.parse(date.slice(0, 10));
      for (let day = 0; day < Math.round(days); day++) dates.add(dateOf(first + day * msPerDay));
    }
    if (dates.has(`${year}-12-25`)) for (let day = 24; day <= 31; day++) dates.add(`${year}-12-${day}`);
  }
  return [...dates].filter((date) => date >= from && date <= to).toSorted();
}

/** The calendar of a country or region; undefined for `none`. @throws WattduckError as {@link holidaysBetween} */
export async function calendarOf(code: string, parameter: string): Promise<Calendar | undefined> {
  const key = code.trim().toUpperCase();
  if (key === noHolidays) return undefined;
  const existing = calendars.get(key);
  if (existing) return existing;
  const { default: Holidays } = await import('date-holidays');
  if (!codePattern.test(key)) throw new WattduckError('invalid_holidays', { value: code, parameter });
  const [country, ...parts] = key.split('-') as [string, ...string[]];
  const index = new Holidays();
  if (!Object.hasOwn(index.getCountries(), country))
    throw new WattduckError('unknown_holiday_country', { value: code, parameter });
  const found: string[] = [];
  for (const part of parts) {
    const known = Object.keys((found[0] ? index.getRegions(country, found[0]) : index.getStates(country)) ?? {});
    const name = known.find((each) => each.toUpperCase() === part);
    if (name === undefined) {
      const place = [country, ...found].join('-');
      throw new WattduckError('unknown_holiday_region', {
        value: code,
        parameter,
        place,
        suggestion: known.length === 0 ? `Use ${place}.` : `Known: ${known.join(', ')}.`,
      });
    }
    found.push(name);
  }
  const calendar = new Holidays(country, ...(found as [string]));
  calendars.set(key, calendar);
  return calendar;
}
