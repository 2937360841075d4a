import type { LineModel, LinePoint } from '../model/line.ts';
import { niceAxis } from '../scale.ts';
import { axisMargin, dateAxis, marginBottom, marginRight, marginTop, numberAxis, valueAxis } from './axes.ts';
import { takeMarks, type Canvas, type Drawing } from './canvas.ts';
import { dot, line, plot } from './plot.ts';
import { partColour } from '../../render/colours.ts';

/** Maximum number of points that have a description each. */
const maxTips = 400;

/** Dashes distinguish lines without colour. */
const dashes = [undefined, '6 3', '2 2', '9 3 2 3', '1 3', '12 4'];

/** Draws lines over dates or numbers; a gap stays open, and a point between gaps is a dot. */
export function drawLine(model: LineModel, { document, width, height }: Canvas): Drawing {
  const points = model.lines.flatMap((each) => each.points);
  const values = points.flatMap(({ y, before }) => [y, before]).filter((value) => value !== null);
  const axis = niceAxis(values, Math.max(2, height / 50), false);
  const marginLeft = axisMargin(axis);
  const toX = (x: number): Date | number => (model.isTime ? new Date(x) : x);
  const xs = model.lines[0]?.points.map(({ x }) => x) ?? [];
  const xAxis = model.isTime ? undefined : niceAxis(xs, Math.max(2, width / 80), false);
  const channels = { x: ({ x }: LinePoint) => toX(x), y: 'y' } as const;
  const described = points.filter(({ tip }) => tip !== undefined);
  const spacing = (width - marginLeft - marginRight) / Math.max(1, xs.length - 1);
  const plotted = plot({
    document,
    width,
    height,
    marginLeft,
    marginRight,
    marginTop,
    marginBottom,
    x: model.isTime
      ? { type: 'utc', domain: [toX(xs[0] ?? 0), toX(xs.at(-1) ?? 1)] as Date[] }
      : { type: 'linear', domain: [xs[0] ?? 0, xs.at(-1) ?? 1] },
    y: { domain: [axis.min, axis.max] },
    marks: [
      ...valueAxis(axis),
      xAxis === undefined
        ? dateAxis(xs, width - marginLeft, (ms) => new Date(ms))
        : numberAxis(
            xAxis.ticks.filter((tick) => tick >= (xs[0] ?? 0) && tick <= (xs.at(-1) ?? 0)),
            xAxis.format,
          ),
      ...model.lines.flatMap(({ points: own }, at) => {
        const colour = model.lines.length > 1 ? partColour(at) : 'var(--accent)';
        return [
          ...(own.some(({ before }) => before !== null)
            ? [line(own, { ...channels, y: 'before', stroke: 'var(--soft)', strokeWidth: 1, strokeDasharray: '3 3' })]
            : []),
          line(own, {
            ...channels,
            stroke: colour,
            strokeWidth: spacing < 3 ? 1.25 : 1.75,
            strokeDasharray: dashes[at] ?? 'none',
          }),
          dot(own.filter(isAlone), { ...channels, r: 2.5, fill: colour }),
        ];
      }),
      dot(described.length > maxTips ? [] : described, {
        x: channels.x,
        y: ({ y }: LinePoint) => y ?? axis.min,
        r: Math.min(8, Math.max(3, spacing / 2)),
        fill: 'transparent',
        ariaLabel: 'tip',
      }),
    ],
  });
  const hasBefore = points.some(({ before }) => before !== null);
  return {
    elements: takeMarks(plotted),
    height,
    legend: [
      ...(model.lines.length > 1
        ? model.lines.map(({ name }, at) => ({
            text: name!,
            mark: 'line' as const,
            colour: partColour(at),
            dash: dashes[at],
          }))
        : hasBefore
          ? [{ text: model.measure.label, mark: 'line' as const, colour: 'var(--accent)' }]
          : []),
      ...(hasBefore ? [{ text: 'earlier period', mark: 'line' as const, colour: 'var(--soft)', dash: '3 3' }] : []),
    ],
  };
}

/** Whether a line does not show the point: both neighbours are gaps. */
const isAlone = ({ y }: LinePoint, at: number, points: readonly LinePoint[]): boolean =>
  y !== null && (points[at - 1]?.y ?? null) === null && (points[at + 1]?.y ?? null) === null;
