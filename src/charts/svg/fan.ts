import { parseDate } from '../dates.ts';
import type { FanModel } from '../model/fan.ts';
import type { Look } from '../look.ts';
import { niceAxis } from '../scale.ts';
import { axisMargin, dateAxis, marginBottom, marginRight, marginTop, valueAxis } from './axes.ts';
import { takeMarks, type Canvas, type Drawing } from './canvas.ts';
import { areaY, dot, line, plot } from './plot.ts';

type Point = FanModel['points'][number];

/** Draws history, the forecast in dashes, and its interval as a band with an edge. */
export function drawFan(model: FanModel, { document, width, height }: Canvas, { interval }: Look): Drawing {
  const { points } = model;
  const values = points
    .flatMap(({ actual, value, low, high }) => [actual, value, low, high])
    .filter((each) => each !== null);
  const axis = niceAxis(values, Math.max(2, height / 50), false);
  const marginLeft = axisMargin(axis);
  const x = ({ day }: Point): Date => new Date(parseDate(day) ?? 0);
  const dates = points.map((point) => x(point).getTime());
  const spacing = (width - marginLeft - marginRight) / Math.max(1, points.length - 1);
  const has = (name: 'actual' | 'value' | 'low'): boolean => points.some((point) => point[name] !== null);
  const plotted = plot({
    document,
    width,
    height,
    marginLeft,
    marginRight,
    marginTop,
    marginBottom,
    x: { type: 'utc', domain: [new Date(dates[0] ?? 0), new Date(dates.at(-1) ?? 1)] },
    y: { domain: [axis.min, axis.max] },
    marks: [
      areaY(points, { x, y1: 'low', y2: 'high', fill: 'var(--band)' }),
      ...valueAxis(axis),
      dateAxis(dates, width - marginLeft, (ms) => new Date(ms)),
      line(points, { x, y: 'low', stroke: 'var(--forecast)', strokeWidth: 0.75, strokeOpacity: 0.7 }),
      line(points, { x, y: 'high', stroke: 'var(--forecast)', strokeWidth: 0.75, strokeOpacity: 0.7 }),
      line(points, { x, y: 'actual', stroke: 'var(--accent)', strokeWidth: 1.75 }),
      line(points, { x, y: 'value', stroke: 'var(--forecast)', strokeWidth: 1.75, strokeDasharray: '5 3' }),
      dot(points, {
        x,
        y: ({ actual, value }: Point) => actual ?? value ?? axis.min,
        r: Math.min(8, Math.max(3, spacing / 2)),
        fill: 'transparent',
        ariaLabel: 'tip',
      }),
    ],
  });
  return {
    elements: takeMarks(plotted),
    height,
    legend: [
      ...(has('actual') ? [{ text: 'actual', mark: 'line' as const, colour: 'var(--accent)' }] : []),
      ...(has('value') ? [{ text: 'forecast', mark: 'line' as const, colour: 'var(--forecast)', dash: '5 3' }] : []),
      ...(has('low') ? [{ text: interval ?? 'interval', mark: 'box' as const, colour: 'var(--band)' }] : []),
    ],
  };
}
