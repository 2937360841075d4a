const two = (value: number): string => String(value).padStart(2, '0');

/** A wall-clock time, in milliseconds as if in UTC, by a pattern such as `dd.MM.yyyy HH:mm:ss`. */
export function formatTime(time: number, pattern: string): string {
  const date = new Date(time);
  const hour = date.getUTCHours();
  const parts: Record<string, string> = {
    yyyy: String(date.getUTCFullYear()),
    yy: two(date.getUTCFullYear() % 100),
    MM: two(date.getUTCMonth() + 1),
    M: String(date.getUTCMonth() + 1),
    dd: two(date.getUTCDate()),
    d: String(date.getUTCDate()),
    HH: two(hour),
    H: String(hour),
    hh: two(hour % 12 || 12),
    h: String(hour % 12 || 12),
    mm: two(date.getUTCMinutes()),
    ss: two(date.getUTCSeconds()),
    a: hour < 12 ? 'AM' : 'PM',
  };
  return pattern.replaceAll(/yyyy|yy|MM|M|dd|d|HH|H|hh|h|mm|ss|a/g, (token) => parts[token]!);
}

export interface NumberStyle {
  decimals: number;
  mark: ',' | '.';
  /** Between groups of three digits. */
  group?: string;
  before?: string;
  after?: string;
}

/** A number with its decimal mark, groups of digits, and the text around it. */
export function formatNumber(
  value: number,
  { decimals, mark, group = '', before = '', after = '' }: NumberStyle,
): string {
  const [whole, fraction] = value.toFixed(decimals).split('.') as [string, string | undefined];
  const grouped = whole.replaceAll(/\B(?=(\d{3})+$)/g, group);
  return `${before}${grouped}${fraction === undefined ? '' : `${mark}${fraction}`}${after}`;
}

/** A duration in milliseconds as hours, minutes and seconds. */
export function formatClock(duration: number): string {
  const seconds = Math.round(duration / 1000);
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}
