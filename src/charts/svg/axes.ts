import { dateTicks } from '../dates.ts';
import type { Axis } from '../scale.ts';
import { textWidth } from './canvas.ts';
import { axisX, axisY, ruleY, type Markish } from './plot.ts';

/** Pixels between the axis of values and the plot, and below the plot for one or two lines of labels. */
const tickPadding = 8;
export const [marginTop, marginRight, marginBottom] = [8, 12, 36];

/** Margin for the labels of an axis of values. */
export const axisMargin = ({ ticks, format }: Axis): number =>
  Math.ceil(Math.max(...ticks.map((tick) => textWidth(format(tick))))) + tickPadding + 4;

/** Grid lines and labels of values; the line at zero, or else at the bottom, is darker. */
export function valueAxis(axis: Axis): Markish[] {
  const base = axis.min <= 0 && axis.max >= 0 ? 0 : axis.min;
  return [
    ruleY(
      axis.ticks.filter((tick) => tick !== base),
      { stroke: 'var(--line)' },
    ),
    ruleY([base], { stroke: 'var(--soft)', strokeOpacity: 0.6 }),
    axisY(axis.ticks, { tickFormat: axis.format, tickSize: 0, tickPadding, label: null, fill: 'var(--soft)' }),
  ];
}

const axisStyle = {
  tickSize: 4,
  tickPadding: 4,
  lineHeight: 1.2,
  label: null,
  fill: 'var(--soft)',
  stroke: 'var(--soft)',
} as const;

/** Width of a date label with the distance to the next one. */
const dateWidth = 64;

/** Labels of dates, the year below the first one. @param toX position of a date on the x scale; undefined to leave it out */
export function dateAxis<X extends Date | number>(
  dates: readonly number[],
  width: number,
  toX: (ms: number) => X | undefined,
): Markish {
  const ticks = dateTicks(dates, Math.max(2, Math.floor(width / dateWidth))).flatMap(({ ms, label, year }) => {
    const x = toX(ms);
    return x === undefined ? [] : [{ x, label: year === '' ? label : `${label}\n${year}` }];
  });
  const labels = new Map(ticks.map(({ x, label }) => [Number(x), label]));
  return axisX(
    ticks.map(({ x }) => x),
    { ...axisStyle, tickFormat: (x: X) => labels.get(Number(x)) ?? '' },
  );
}

/** Labels of bands, as many as fit; those of bands are their index. */
export function bandAxis(labels: readonly string[], width: number): Markish {
  const widest = Math.max(...labels.map((label) => textWidth(label)), 1) + 10;
  const every = Math.max(1, Math.ceil((labels.length * widest) / Math.max(1, width)));
  const step = labels.length === 24 && every > 1 ? ([2, 3, 6, 12].find((each) => each >= every) ?? 24) : every;
  return axisX(
    [...labels.keys()].filter((at) => at % step === 0),
    { ...axisStyle, tickSize: 0, tickFormat: (at: number) => labels[at] ?? '' },
  );
}

/** Labels of numbers. */
export const numberAxis = (ticks: readonly number[], format: (value: number) => string): Markish =>
  axisX(ticks, { ...axisStyle, tickFormat: format });
