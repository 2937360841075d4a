import type { StripChart } from '../../catalog/definitions.ts';
import type { GridCell, GridModel } from '../model/grid.ts';
import { levelTexts, type Level } from '../model/level.ts';
import { bandAxis, dateAxis } from './axes.ts';
import { takeMarks, textWidth, type Canvas, type Drawing, type LegendItem } from './canvas.ts';
import { fitLabels } from './hbar.ts';
import { axisY, cell, plot, rect } from './plot.ts';

const rowHeight = 22;
/** Opacity of the lowest value: it must differ from the paper. */
const minOpacity = 0.06;

type PlacedCell = GridCell & { row: number };

/** Rows of a grid in pixels, with the labels on the left. */
function frameOf(model: GridModel, { width }: Canvas) {
  const labels = fitLabels(
    model.rows.map(({ label }) => label),
    width,
  );
  const widest = Math.max(0, ...labels.map((label) => textWidth(label)));
  const marginLeft = widest === 0 ? 8 : widest + 10;
  const marginBottom = model.isTime ? 40 : 26;
  return {
    labels,
    margins: { marginLeft, marginRight: 8, marginTop: 4, marginBottom },
    plotWidth: width - marginLeft - 8,
    height: model.rows.length * rowHeight + 4 + marginBottom,
    cells: model.rows.flatMap(({ cells }, row): PlacedCell[] => cells.map((each) => ({ ...each, row }))),
  };
}

/** Draws cells whose shade is their value; a cell without a value has an outline, and one without a row nothing. */
export function drawHeatmap(model: GridModel, canvas: Canvas): Drawing {
  const { labels, margins, plotWidth, height, cells } = frameOf(model, canvas);
  const known = cells.filter((each) => each.value !== null);
  const values = known.map(({ value }) => value!);
  const min = Math.min(0, ...values);
  const max = values.reduce((a, b) => Math.max(a, b), min);
  const opacity = ({ value }: PlacedCell): number =>
    max === min ? minOpacity : minOpacity + ((value! - min) / (max - min)) * (1 - minOpacity);
  const unknown = cells.filter((each) => each.value === null);
  const index = new Map(model.dates.map((ms, at) => [ms, at]));
  const plotted = plot({
    document: canvas.document,
    width: canvas.width,
    height,
    ...margins,
    x: { type: 'band', domain: [...model.columns.keys()], padding: model.columns.length > 60 ? 0 : 0.06, axis: null },
    y: { type: 'band', domain: [...model.rows.keys()], padding: 0.1, axis: null },
    opacity: { type: 'identity' },
    marks: [
      axisY([...model.rows.keys()], {
        tickFormat: (row: number) => labels[row] ?? '',
        tickSize: 0,
        tickPadding: 6,
        label: null,
        fill: 'var(--ink)',
      }),
      model.isTime ? dateAxis(model.dates, plotWidth, (ms) => index.get(ms)) : bandAxis(model.columns, plotWidth),
      cell(known, { x: 'column', y: 'row', fill: 'var(--accent)', fillOpacity: opacity, ariaLabel: 'tip', rx: 1.5 }),
      cell(unknown, {
        x: 'column',
        y: 'row',
        fill: 'transparent',
        stroke: 'var(--line)',
        strokeDasharray: '2 2',
        inset: 0.5,
        ariaLabel: 'tip',
      }),
    ],
  });
  const { measure } = model;
  return {
    elements: takeMarks(plotted),
    height,
    legend: [
      ...(values.length > 0
        ? [
            {
              text: `${measure.formatBound(min)} to ${measure.formatBound(max)}`,
              mark: 'ramp' as const,
              colour: 'var(--accent)',
            },
          ]
        : []),
      ...(unknown.length > 0 ? [{ text: 'no value', mark: 'gap' as const, colour: 'var(--line)' }] : []),
    ],
  };
}

const heights: Record<Level, number> = { good: 1, warn: 0.6, bad: 0.3 };
const levelColours: Record<Level, string> = { good: 'var(--good)', warn: 'var(--warn)', bad: 'var(--bad)' };

/** Draws cells whose colour and height are their level; a cell without a value is empty. */
export function drawStrip(model: GridModel, chart: StripChart, canvas: Canvas): Drawing {
  const { labels, margins, plotWidth, height, cells } = frameOf(model, canvas);
  const levels = levelTexts(chart, model.measure);
  const level = (each: PlacedCell): Level => each.level ?? 'good';
  const columnWidth = plotWidth / Math.max(1, model.columns.length);
  const gap = columnWidth > 4 ? 0.75 : 0;
  const x = { x1: ({ column }: PlacedCell) => column, x2: ({ column }: PlacedCell) => column + 1 };
  const bottom = ({ row }: PlacedCell): number => row + 0.9;
  const middles = new Map(model.dates.map((ms, at) => [ms, at + 0.5]));
  const known = cells.filter((each) => each.value !== null);
  const unknown = cells.filter((each) => each.value === null);
  const plotted = plot({
    document: canvas.document,
    width: canvas.width,
    height,
    ...margins,
    x: { type: 'linear', domain: [0, Math.max(1, model.columns.length)], axis: null },
    y: { type: 'linear', domain: [Math.max(1, model.rows.length), 0], axis: null },
    marks: [
      axisY(
        [...model.rows.keys()].map((row) => row + 0.5),
        {
          tickFormat: (y: number) => labels[Math.floor(y)] ?? '',
          tickSize: 0,
          tickPadding: 6,
          label: null,
          fill: 'var(--ink)',
        },
      ),
      ...(model.isTime ? [dateAxis(model.dates, plotWidth, (ms) => middles.get(ms))] : []),
      ...(['good', 'warn', 'bad'] as const).map((each) =>
        rect(
          known.filter((cellOf) => level(cellOf) === each),
          {
            ...x,
            y1: (cellOf: PlacedCell) => bottom(cellOf) - 0.8 * heights[each],
            y2: bottom,
            insetLeft: gap,
            insetRight: gap,
            fill: levelColours[each],
            ariaLabel: 'tip',
          },
        ),
      ),
      rect(unknown, {
        ...x,
        y1: ({ row }: PlacedCell) => row + 0.1,
        y2: bottom,
        fill: 'transparent',
        ariaLabel: 'tip',
      }),
    ],
  });
  const found = new Set(known.map(level));
  const size = model.rows.reduce((sum, row) => sum + row.cells.filter(({ value }) => value !== null).length, 0);
  const hasGaps = size < model.rows.length * model.columns.length;
  return {
    elements: takeMarks(plotted),
    height,
    legend: [
      ...(['good', 'warn', 'bad'] as const).flatMap((each): LegendItem[] =>
        levels !== undefined && found.has(each)
          ? [{ text: levels[each], mark: 'cell', colour: levelColours[each], size: heights[each] }]
          : [],
      ),
      ...(hasGaps ? [{ text: 'no value', mark: 'gap' as const, colour: 'var(--line)' }] : []),
    ],
  };
}
