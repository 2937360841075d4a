import { Chalk } from 'chalk';
import { plainLine } from '../../text/plain-text.ts';
import type { FanPoint } from '../model/fan.ts';
import { wrapItems } from './layout.ts';
import { scaleOf, type Scale } from './scale.ts';
import { dateAxis, isEdge, toSlots, type Slot } from './slots.ts';
import { truncate } from '../../text/truncate.ts';

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
  /** What a point is: days by default. */
  noun?: string;
  /** Whether history needs no legend: it is all there is. */
  isPlain?: boolean;
}

const actualLine = { level: '─', rise: '╯', risen: '╭', fall: '╮', fallen: '╰', between: '│' };
const forecastLine = { level: '━', rise: '┛', risen: '┏', fall: '┓', fallen: '┗', between: '┃' };
const [shade, edge] = ['░', '┆'];

/**
 * Renders history as a thin line, the forecast as a thick line and its interval as a shaded band, distinct without colour.
 * With more days than columns, each column shows the means of several days.
 * @param points in order of days: history, with `actual` only, then the forecast
 * @returns lines within the width; an empty string without points
 */
export function renderFanChart(
  points: readonly FanPoint[],
  {
    width: requestedWidth,
    height = 16,
    colour,
    title,
    unit,
    interval = 'interval',
    noun = 'days',
    isPlain = false,
  }: FanOptions,
): string {
  if (points.length === 0) return '';
  const width = Math.max(20, requestedWidth);
  const [slots, scale, gutter] = fitColumns(points, width, Math.max(3, height), noun === 'days' ? 7 : 1);
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
    ...(has('actual') && !isPlain ? [`${actualLine.level} actual`] : []),
    ...(has('value') ? [`${forecastLine.level} forecast`] : []),
    ...(has('low') && has('high') ? [`${shade} ${interval}`] : []),
    ...(slots.some(isEdge) ? [`${edge} history ends`] : []),
    ...(maxDays > 1
      ? [
          `column: mean of ${slots.every((slot) => isEdge(slot) || slot.days.length === maxDays) ? '' : 'up to '}${maxDays} ${noun}`,
        ]
      : []),
  ];
  const head = [title, unit && `(${unit})`].filter(Boolean).join(' ');
  return [
    ...(head ? [chalk.bold(truncate(plainLine(head), width))] : []),
    ...rows,
    chalk.dim(axis),
    dates,
    ...wrapItems(legend, width).map(paint),
  ].join('\n');
}

/** Fits columns and labels into the width; the width of the labels depends on the values in the columns. */
function fitColumns(
  points: readonly FanPoint[],
  width: number,
  height: number,
  cycle: number,
): [Slot[], Scale, gutter: number] {
  for (let gutter = 1; ; gutter += 1) {
    const slots = toSlots(points, width - gutter - 1, cycle);
    const scale = scaleOf(
      slots.flatMap(({ actual, value, low, high }) => [actual, value, low, high]).filter((each) => each !== null),
      height,
    );
    if (Math.max(...[...scale.labels.values()].map((label) => label.length)) <= gutter) return [slots, scale, gutter];
  }
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
