import { formatChange } from '../heading.ts';
import type { FigureModel } from '../model/figure.ts';
import { sparkline } from '../model/sparkline.ts';
import { element, fitText, textWidth, type Canvas, type Drawing } from './canvas.ts';

const figureSize = 34;
const sparkHeight = 40;

/** Draws the figure, its change, further figures, and a small line of its values. */
export function drawFigure(model: FigureModel, { document, width }: Canvas): Drawing {
  const { measure, value, level, before, change, isGood, more, values } = model;
  const colour = level === 'bad' ? 'var(--bad)' : level === 'warn' ? 'var(--warn)' : 'var(--ink)';
  const rowTip = `${measure.label}: ${measure.format(value)}`;
  const figure = value === null ? 'no value' : measure.format(value);
  const size = Math.min(figureSize, (figureSize * (width - 8)) / Math.max(1, textWidth(figure, figureSize)));
  const elements = [
    element(
      document,
      'text',
      {
        x: 0,
        y: figureSize,
        'font-size': Math.floor(size),
        'font-weight': 700,
        fill: value === null ? 'var(--soft)' : colour,
        'text-anchor': 'start',
        ...(values.length === 0 ? { 'data-tip': rowTip } : {}),
      },
      [figure],
    ),
  ];
  let y = figureSize + 8;
  const addLine = (text: string, fill: string): void => {
    y += 18;
    elements.push(
      element(document, 'text', { x: 0, y: y - 4, fill, 'text-anchor': 'start' }, [fitText(text, width - 4)]),
    );
  };
  if (before !== null) {
    const arrow = change === null ? '' : change > 0 ? '▲ ' : change < 0 ? '▼ ' : '';
    const text = change === null ? '' : change === 0 ? 'unchanged, ' : `${formatChange(change)}, `;
    const fill = isGood === undefined ? 'var(--soft)' : isGood ? 'var(--part3)' : 'var(--bad)';
    addLine(`${arrow}${text}earlier ${measure.format(before)}`, fill);
  }
  if (more.length > 0) addLine(more.map(({ label, text }) => `${label} ${text}`).join(' · '), 'var(--soft)');
  if (values.length > 1) {
    elements.push(...drawSparkline(model, document, width, y + 8));
    y += sparkHeight + 12;
  }
  return { elements, height: y + 6, legend: [] };
}

/** A line of all values, without axes; gaps stay open. */
function drawSparkline(model: FigureModel, document: Document, width: number, top: number): Element[] {
  const { values } = model;
  const { path, x, y } = sparkline(model, { left: 2, top, width: width - 4, height: sparkHeight });
  const spacing = width / Math.max(1, values.length);
  return [
    element(document, 'path', {
      d: path,
      fill: 'none',
      stroke: 'var(--accent)',
      'stroke-width': 1.5,
      'stroke-linecap': 'round',
      'stroke-linejoin': 'round',
    }),
    ...values.flatMap(({ value, tip }, at) =>
      tip === undefined || values.length > 400
        ? []
        : [
            element(document, 'rect', {
              x: round(x(at) - spacing / 2),
              y: value === null ? top : round(Math.min(y(value), top + sparkHeight - 4)),
              width: round(spacing),
              height: value === null ? sparkHeight : round(Math.max(4, top + sparkHeight - y(value))),
              fill: 'transparent',
              'data-tip': tip,
            }),
          ],
    ),
  ];
}

const round = (value: number): number => Number(value.toFixed(2));
