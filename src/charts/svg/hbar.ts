import type { RankedChart } from '../../catalog/definitions.ts';
import type { BarsModel } from '../model/bars.ts';
import { levelTexts, type Level } from '../model/level.ts';
import { coloured, partsLegend, placeParts, type PlacedPart } from './bar.ts';
import { fitText, takeMarks, textSize, textWidth, type Canvas, type Drawing, type LegendItem } from './canvas.ts';
import { axisY, barX, plot, ruleX, text } from './plot.ts';

/** Height of a row, and the pixels above and below a bar by level: the height shows the level without colour. */
const rowHeight = 24;
const insets: Record<Level, number> = { good: 0, warn: 3, bad: 6 };
const levelColours: Record<Level, string> = { good: 'var(--accent)', warn: 'var(--warn)', bad: 'var(--bad)' };

/** Draws ranked bars from zero, with label and value; a row without a value has a dash. */
export function drawRanked(model: BarsModel, chart: RankedChart, { document, width }: Canvas): Drawing {
  const { bars, measure } = model;
  const labels = fitLabels(
    bars.map(({ label }) => label),
    width,
  );
  const marginLeft = Math.max(0, ...labels.map((label) => textWidth(label))) + 10;
  const values = bars.map(({ total }) => (total === null ? '–' : measure.formatShort(total)));
  const valueMargin = Math.max(0, ...values.map((value) => textWidth(value))) + 12;
  const parts = placeParts(bars);
  const ends = parts.flatMap(({ from, to }) => [from, to]);
  const [min, max] = [ends.reduce((a, b) => Math.min(a, b), 0), ends.reduce((a, b) => Math.max(a, b), 0)];
  const at = (part: PlacedPart): number => part.at;
  const height = bars.length * rowHeight + 8;
  const levels = levelTexts(chart, measure);
  const byLevel = (own: readonly PlacedPart[], colour: string): [PlacedPart[], string, number][] =>
    levels === undefined || model.series.length > 0
      ? [[[...own], colour, 0]]
      : (['good', 'warn', 'bad'] as const).map((level) => [
          own.filter((part) => part.level === level),
          levelColours[level],
          insets[level],
        ]);
  const plotted = plot({
    document,
    width,
    height,
    marginLeft,
    marginRight: valueMargin,
    marginTop: 4,
    marginBottom: 4,
    x: { domain: [min, max === min ? min + 1 : max], axis: null },
    y: { type: 'band', domain: [...bars.keys()], padding: 0.18, axis: null },
    marks: [
      axisY([...bars.keys()], {
        tickFormat: (row: number) => labels[row] ?? '',
        tickSize: 0,
        tickPadding: 8,
        label: null,
        fill: 'var(--ink)',
      }),
      ...coloured(model, parts).flatMap(([colour, own]) =>
        byLevel(own, colour).map(([members, fill, inset]) =>
          barX(members, {
            y: at,
            x1: 'from',
            x2: 'to',
            fill,
            insetTop: inset,
            insetBottom: inset,
            ariaLabel: 'tip',
            rx: 1.5,
          }),
        ),
      ),
      ...(min < 0 ? [ruleX([0], { stroke: 'var(--soft)' })] : []),
      text([...bars.keys()], {
        y: (row: number) => row,
        x: (row: number) => Math.max(0, ...bars[row]!.parts.map(({ to }) => to)),
        text: (row: number) => values[row],
        dx: 6,
        textAnchor: 'start',
        fill: 'var(--ink)',
        fontVariant: 'tabular-nums',
      }),
      barX(
        parts.filter(({ value }) => value === null),
        { y: at, x1: min, x2: max === min ? min + 1 : max, fill: 'transparent', ariaLabel: 'tip' },
      ),
    ],
  });
  const found = new Set(parts.map(({ level }) => level));
  const levelLegend = (['good', 'warn', 'bad'] as const).flatMap((level): LegendItem[] =>
    levels !== undefined && found.has(level)
      ? [{ text: levels[level], mark: 'cell', colour: levelColours[level], size: 1 - insets[level] / 9 }]
      : [],
  );
  return { elements: takeMarks(plotted), height, legend: model.series.length > 0 ? partsLegend(model) : levelLegend };
}

/** Labels of rows, cut to a third of the width. */
export const fitLabels = (labels: readonly string[], width: number): string[] =>
  labels.map((label) => fitText(label, width / 3, textSize, 'middle'));
