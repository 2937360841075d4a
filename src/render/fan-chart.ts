import { Chalk } from 'chalk';
import cliTruncate from 'cli-truncate';
import stringWidth from 'string-width';
import { plainLine } from '../text/plain-text.ts';

/** A day of history, or a forecast day with its interval. */
export interface FanPoint {
  /** As 2025-01-31. */
  day: string;
  actual: number | null;
  value: number | null;
  low: number | null;
  high: number | null;
}

export interface FanOptions {
  /** Width in columns of the screen, at least 20. */
  width: number;
  /** Maximum rows of the plot without axis and labels, at least 3. */
  height?: number;
  colour: boolean;
  title?: string;
  /** Unit or currency of the values. */
  unit?: string | undefined;
  /** Name of the interval in the legend. */
  interval?: string;
}

/** A column of the plot, with the means of its days. */
type Slot = Omit<FanPoint, 'day'> & { days: readonly string[] };

interface Scale {
  /** Index of the top row; row 0 is at the bottom. */
  top: number;
  rowOf(value: number): number;
  labels: Map<number, string>;
}

const actualLine = { level: '─', rise: '╯', risen: '╭', fall: '╮', fallen: '╰', between: '│' };
const forecastLine = { level: '━', rise: '┛', risen: '┏', fall: '┓', fallen: '┗', between: '┃' };
const [shade, edge] = ['░', '┆'];
/** Maximum columns per day or group of days. */
const maxSlotWidth = 3;

/**
 * Renders history as a thin line, the forecast as a thick line and its interval as a shaded band, distinct without colour.
 * With more days than columns, each column shows the means of several days.
 * @param points in order of days: history, with `actual` only, then the forecast
 * @returns lines within the width; an empty string without points
 */
export function renderFanChart(
  points: readonly FanPoint[],
  { width: requestedWidth, height = 16, colour, title, unit, interval = 'interval' }: FanOptions,
): string {
  if (points.length === 0) return '';
  const width = Math.max(20, requestedWidth);
  const [slots, scale, gutter] = fitColumns(points, width, Math.max(3, height));
  const chalk = new Chalk({ level: colour ? 1 : 0 });
  const paint = (text: string): string =>
    text
      .replaceAll(/[─│╭╮╰╯]+/g, (line) => chalk.cyan(line))
      .replaceAll(/[━┃┏┓┗┛]+/g, (line) => chalk.yellow(line))
      .replaceAll(/░+/g, (band) => chalk.blue(band))
      .replaceAll(edge, chalk.dim(edge));
  const rows = plotRows(slots, scale).map((row, at) => {
    const label = scale.labels.get(scale.top - at) ?? '';
    return chalk.dim(label.padStart(gutter) + (label ? '┤' : '│')) + paint(row.trimEnd());
  });
  const [axis, dates] = dateAxis(slots, gutter + 1, width);
  const has = (name: keyof FanPoint): boolean => points.some((point) => point[name] !== null);
  const maxDays = Math.max(...slots.map(({ days }) => days.length));
  const legend = [
    ...(has('actual') ? [`${actualLine.level} actual`] : []),
    ...(has('value') ? [`${forecastLine.level} forecast`] : []),
    ...(has('low') && has('high') ? [`${shade} ${interval}`] : []),
    ...(slots.some(isEdge) ? [`${edge} history ends`] : []),
    ...(maxDays > 1
      ? [
          `column: mean of ${slots.every((slot) => isEdge(slot) || slot.days.length === maxDays) ? '' : 'up to '}${maxDays} days`,
        ]
      : []),
  ];
  const head = [title, unit && `(${unit})`].filter(Boolean).join(' ');
  return [
    ...(head ? [chalk.bold(cliTruncate(plainLine(head), width))] : []),
    ...rows,
    chalk.dim(axis),
    dates,
    ...wrapItems(legend, width).map(paint),
  ].join('\n');
}

/** Fits columns and labels into the width; the width of the labels depends on the values in the columns. */
function fitColumns(points: readonly FanPoint[], width: number, height: number): [Slot[], Scale, gutter: number] {
  for (let gutter = 1; ; gutter += 1) {
    const slots = toSlots(points, width - gutter - 1);
    const scale = scaleOf(
      slots.flatMap(({ actual, value, low, high }) => [actual, value, low, high]).filter((each) => each !== null),
      height,
    );
    if (Math.max(...[...scale.labels.values()].map((label) => label.length)) <= gutter) return [slots, scale, gutter];
  }
}

/** Columns of the history, an empty column, and columns of the forecast. */
function toSlots(points: readonly FanPoint[], availableWidth: number): Slot[] {
  const forecastStart = points.findIndex(({ value, low, high }) => value !== null || low !== null || high !== null);
  const [past, future] =
    forecastStart < 0 ? [points, []] : [points.slice(0, forecastStart), points.slice(forecastStart)];
  const split = past.length > 0 && future.length > 0 ? 1 : 0;
  const days = points.length / (availableWidth - split);
  // Whole weeks per column: partial weeks with different weekdays would draw a zigzag.
  const size = days > 2 ? 7 * Math.ceil(days / 7) : 1;
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

const isEdge = ({ days }: Slot): boolean => days.length === 0;

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

/** A scale with steps of 1, 2 or 5 times a power of ten, each an integer number of rows. It starts at zero unless all values are far from it. */
function scaleOf(values: readonly number[], height: number): Scale {
  const [minValue, maxValue] = [Math.min(...values), Math.max(...values)];
  const isFar =
    Math.min(Math.abs(minValue), Math.abs(maxValue)) > 2 * (maxValue - minValue) &&
    maxValue - minValue > Math.abs(maxValue) / 1000;
  const low = isFar ? minValue : Math.min(0, minValue);
  const upper = isFar ? maxValue : Math.max(0, maxValue);
  // A plot of zeros needs a height too.
  const high = upper - low > 1e-300 ? upper : low + 1;
  const minSteps = Math.max(1, Math.floor((height - 1) / 5));
  const exponent = Math.floor(Math.log10(((high - low) * minSteps) / (height - 1)));
  const firstStep = (step: number): number => Math.floor(low / step + 1e-9);
  const stepsAbove = (step: number): number => high / step - firstStep(step) - 1e-9;
  const step = [0, 1, 2]
    .flatMap((more) => [1, 2, 5].map((digit) => digit * 10 ** (exponent + more)))
    .find((each) => stepsAbove(each) * minSteps <= height - 1)!;
  const rowsEach = Math.floor((height - 1) / stepsAbove(step));
  const top = Math.ceil(stepsAbove(step) * rowsEach);
  const maxMagnitude = Math.max(Math.abs(low), Math.abs(high), step);
  const numberFormat = new Intl.NumberFormat('en-US', {
    notation: maxMagnitude >= 1e15 || step < 1e-4 ? 'scientific' : 'compact',
    maximumSignificantDigits: Math.floor(Math.log10(maxMagnitude)) - Math.floor(Math.log10(step)) + 1,
  });
  const label = (value: number): string => (value === 0 ? '0' : numberFormat.format(value).replace('K', 'k'));
  return {
    top,
    rowOf: (value) => Math.min(top, Math.max(0, Math.round((value / step - firstStep(step)) * rowsEach))),
    labels: new Map(
      Array.from({ length: Math.floor(top / rowsEach) + 1 }, (_, at) => [
        at * rowsEach,
        label((firstStep(step) + at) * step),
      ]),
    ),
  };
}

/** Rows of the plot, top row first: the band, then the forecast, then history. */
function plotRows(slots: readonly Slot[], { top, rowOf }: Scale): string[] {
  const grid = Array.from({ length: top + 1 }, () => slots.map((slot) => (isEdge(slot) ? edge : ' ')));
  const fill = (column: number, from: number, to: number, sign: string): void => {
    for (let row = Math.min(from, to); row <= Math.max(from, to); row += 1) grid[top - row]![column] = sign;
  };
  slots.forEach(({ low, high }, column) => {
    if (low !== null && high !== null) fill(column, rowOf(low), rowOf(high), shade);
  });
  for (const [name, sign] of [
    ['value', forecastLine],
    ['actual', actualLine],
  ] as const) {
    const rows = slots.map((slot) => (slot[name] === null ? undefined : rowOf(slot[name])));
    rows.forEach((row, column) => {
      if (row === undefined) return;
      const before = rows[column - 1] ?? row;
      fill(column, before, row, before === row ? sign.level : sign.between);
      if (before === row) return;
      grid[top - before]![column] = row > before ? sign.rise : sign.fall;
      grid[top - row]![column] = row > before ? sign.risen : sign.fallen;
    });
  }
  return grid.map((row) => row.join(''));
}

/** The axis with as many dates as fit: the end of history, the first and last day, then first days of months. */
function dateAxis(slots: readonly Slot[], plotLeft: number, width: number): [axis: string, dates: string] {
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

function wrapItems(items: readonly string[], width: number): string[] {
  const lines: string[] = [];
  for (const item of items.map((each) => cliTruncate(each, width))) {
    const longer = lines.length > 0 ? `${lines.at(-1)}  ${item}` : item;
    if (lines.length > 0 && stringWidth(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(item);
  }
  return lines;
}
