import type { FanPoint } from '../model/fan.ts';

/** Maximum columns per day or group of days. */
const maxSlotWidth = 3;

/** A column of the plot, with the means of its days. */
export type Slot = Omit<FanPoint, 'day'> & { days: readonly string[] };

/** Columns of the history, an empty column, and columns of the forecast. @param cycle points that belong together, such as the days of a week */
export function toSlots(points: readonly FanPoint[], availableWidth: number, cycle: number): Slot[] {
  const forecastStart = points.findIndex(({ value, low, high }) => value !== null || low !== null || high !== null);
  const [past, future] =
    forecastStart < 0 ? [points, []] : [points.slice(0, forecastStart), points.slice(forecastStart)];
  const split = past.length > 0 && future.length > 0 ? 1 : 0;
  const days = points.length / (availableWidth - split);
  // Whole weeks per column: partial weeks with different weekdays would draw a zigzag.
  const size = days > 2 ? cycle * Math.ceil(days / cycle) : 1;
  const [before, after] = [groupsOf(past, size, past.length % size), groupsOf(future, size, size)];
  const totalColumns = Math.min(availableWidth - split, (before.length + after.length) * maxSlotWidth);
  const pastColumns = Math.min(
    Math.max(Math.round((totalColumns * past.length) / points.length), split),
    totalColumns - split,
  );
  return [
    ...spreadGroups(before, pastColumns),
    ...(split ? [toSlot([])] : []),
    ...spreadGroups(after, totalColumns - pastColumns),
  ];
}

/** Splits days into groups. @param first size of the first group; 0 for a full one */
const groupsOf = (points: readonly FanPoint[], size: number, first: number): FanPoint[][] =>
  Array.from({ length: Math.ceil(points.length / size) }, (_, at) => {
    const to = at * size + (first || size);
    return points.slice(Math.max(0, to - size), to);
  });

/** Distributes groups evenly over columns; with more columns than groups, a group repeats. */
const spreadGroups = (groups: readonly FanPoint[][], columns: number): Slot[] =>
  Array.from({ length: columns }, (_, at) => {
    const from = Math.floor((at * groups.length) / columns);
    return toSlot(groups.slice(from, Math.max(from + 1, Math.floor(((at + 1) * groups.length) / columns))).flat());
  });

export const isEdge = ({ days }: Slot): boolean => days.length === 0;

const toSlot = (points: readonly FanPoint[]): Slot => {
  const mean = (name: 'actual' | 'value' | 'low' | 'high'): number | null => {
    // Larger values would overflow in sums and differences.
    const values = points.flatMap((point) =>
      point[name] !== null && Math.abs(point[name]) < 1e300 ? [point[name]] : [],
    );
    return values.length === 0 ? null : values.reduce((sum, value) => sum + value / values.length, 0);
  };
  return {
    days: points.map(({ day }) => day),
    actual: mean('actual'),
    value: mean('value'),
    low: mean('low'),
    high: mean('high'),
  };
};

/** The axis with as many dates as fit: the end of history, the first and last day, then first days of months. */
export function dateAxis(slots: readonly Slot[], plotLeft: number, width: number): [axis: string, dates: string] {
  const end = slots.findIndex(isEdge);
  const marks: [column: number, day: string][] = [
    ...(end < 0 ? [] : [[end, slots[end + 1]!.days[0]!] as [number, string]]),
    [0, slots[0]!.days[0]!],
    [slots.length - 1, slots.at(-1)!.days.at(-1)!],
    ...slots.flatMap((slot, column) =>
      slot.days.filter((day) => day.endsWith('-01')).map((day): [number, string] => [column, day]),
    ),
  ];
  const axis = [' '.repeat(plotLeft - 1), '└', ...slots.map(() => '─')];
  let dates = ' '.repeat(width);
  for (const [column, day] of marks) {
    const at = Math.min(Math.max(0, plotLeft + column - Math.floor(day.length / 2)), width - day.length);
    if (dates.slice(Math.max(0, at - 2), at + day.length + 2).trim()) continue;
    dates = dates.slice(0, at) + day + dates.slice(at + day.length);
    axis[column + 2] = '┬';
  }
  return [axis.join(''), dates.trimEnd()];
}
