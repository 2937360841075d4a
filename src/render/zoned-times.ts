import { heading, type DisplayColumn } from './cells.ts';

/**
 * Converts UTC times such as `2024-03-31 01:00:00` to local times of a zone, in the same form. Other texts stay as they are.
 * @param zone IANA name
 */
export function zonedTimes(zone: string): (text: string) => string {
  if (zone === 'UTC') return (text) => text;
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  });
  return (text) => {
    const [, instant, fraction = ''] = /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(\.\d+)?$/.exec(text) ?? [];
    const milliseconds = instant === undefined ? NaN : Date.parse(`${instant.replace(' ', 'T')}Z`);
    if (Number.isNaN(milliseconds)) return text;
    const parts = Object.fromEntries(format.formatToParts(milliseconds).map(({ type, value }) => [type, value]));
    const year = parts['year']!.padStart(4, '0');
    return `${year}-${parts['month']}-${parts['day']} ${parts['hour']}:${parts['minute']}:${parts['second']}${fraction}`;
  };
}

/** A column heading, with the zone of timestamps if there is one: `start time (Europe/Berlin)`. */
export function zonedHeading(column: DisplayColumn, currency: string | undefined, zone: string | undefined): string {
  const text = heading(column, currency);
  return column.type.startsWith('TIMESTAMP') && zone !== undefined ? `${text} (${zone})` : text;
}
