import { parseDate } from '../dates.ts';
import { maxParts, type Bar, type BarPart, type BarsModel } from '../model/bars.ts';
import { niceAxis } from '../scale.ts';
import { axisMargin, bandAxis, dateAxis, marginBottom, marginRight, marginTop, valueAxis } from './axes.ts';
import { takeMarks, type Canvas, type Drawing, type LegendItem } from './canvas.ts';
import { barY, plot } from './plot.ts';
import { partColour } from '../../render/colours.ts';

/** A part of a bar with the index of the bar. */
export type PlacedPart = BarPart & { at: number };

/** Draws upright bars from zero; a bar without a row, or without a value, is a gap. */
export function drawBar(model: BarsModel, { document, width, height: fullHeight }: Canvas): Drawing {
  const { bars } = model;
  // Labels of one line need less room than dates.
  const height = model.isTime ? fullHeight : fullHeight - 12;
  const parts = placeParts(bars);
  const axis = niceAxis(
    parts.flatMap(({ from, to }) => [from, to]),
    Math.max(2, height / 50),
    true,
  );
  const marginLeft = axisMargin(axis);
  const at = (part: PlacedPart): number => part.at;
  const dates = model.isTime ? bars.map(({ label }) => parseDate(label) ?? 0) : [];
  const index = new Map(dates.map((ms, position) => [ms, position]));
  const unknown = parts.filter(({ value }) => value === null);
  const plotted = plot({
    document,
    width,
    height,
    marginLeft,
    marginRight,
    marginTop,
    marginBottom: model.isTime ? marginBottom : marginBottom - 12,
    x: { type: 'band', domain: [...bars.keys()], padding: bars.length > 60 ? 0.1 : 0.2 },
    y: { domain: [axis.min, axis.max] },
    marks: [
      ...valueAxis(axis),
      model.isTime
        ? dateAxis(dates, width - marginLeft, (ms) => index.get(ms))
        : bandAxis(
            bars.map(({ label }) => label),
            width - marginLeft,
          ),
      ...coloured(model, parts).map(([colour, own]) =>
        barY(own, { x: at, y1: 'from', y2: 'to', fill: colour, ariaLabel: 'tip', rx: bars.length > 60 ? 0 : 1.5 }),
      ),
      barY(unknown, { x: at, y1: axis.min, y2: axis.max, fill: 'transparent', ariaLabel: 'tip' }),
    ],
  });
  return { elements: takeMarks(plotted), height, legend: partsLegend(model) };
}

export const placeParts = (bars: readonly Bar[]): PlacedPart[] =>
  bars.flatMap(({ parts }, at) => parts.map((part) => ({ ...part, at })));

/** Parts with a value by colour. */
export function coloured({ series }: BarsModel, parts: readonly PlacedPart[]): [colour: string, parts: PlacedPart[]][] {
  const known = parts.filter(({ value }) => value !== null);
  if (series.length === 0) return [['var(--accent)', known]];
  return Array.from({ length: maxParts + 1 }, (_, at): [string, PlacedPart[]] => [
    partColour(at),
    known.filter((part) => part.series === at),
  ]).filter(([, own]) => own.length > 0);
}

/** Names of the parts of stacked bars. */
export const partsLegend = ({ series, bars }: BarsModel): LegendItem[] => [
  ...series.map((text, at): LegendItem => ({ text, mark: 'box', colour: partColour(at) })),
  ...(bars.some(({ parts }) => parts.some((part) => part.series === maxParts))
    ? [{ text: 'others', mark: 'box' as const, colour: partColour(maxParts) }]
    : []),
];
