import type { Chart } from '../catalog/definitions.ts';
import { WattduckError } from '../errors/wattduck-error.ts';
import { formatCount } from '../text/format-number.ts';
import type { Row } from '../warehouse/values.ts';
import { clipValue, plainLine } from '../text/plain-text.ts';
import { subtitleOf, summaryOf } from './heading.ts';
import type { ChartDefinition, Look } from './look.ts';
import { chartModel, type ChartModel } from './model/model.ts';
import { drawBar } from './svg/bar.ts';
import { element, newDocument, serialize, type Canvas, type Drawing } from './svg/canvas.ts';
import { drawFan } from './svg/fan.ts';
import { drawFigure } from './svg/figure.ts';
import { frame, frameHeight, innerWidth, type FrameTexts } from './svg/frame.ts';
import { drawHeatmap, drawStrip } from './svg/grid.ts';
import { drawRanked } from './svg/hbar.ts';
import { drawLine } from './svg/line.ts';

const [defaultWidth, defaultHeight, minWidth, minPlotHeight] = [720, 300, 240, 120];

/**
 * Draws rows of a report as SVG, the same for the same rows. A fragment has no title of its own and takes its colours from the
 * page; a standalone file has both.
 * @throws WattduckError if the rows do not fit the chart because of the parameters of the report
 */
export function draw(definition: ChartDefinition, rows: readonly Row[], look: Look = {}): string {
  const isStandalone = look.standalone ?? false;
  const width = Math.max(minWidth, look.width ?? defaultWidth);
  const model = chartModel(definition, rows, look);
  assertSize(model);
  const document = newDocument();
  const texts = textsOf(model, definition.title, rows.length, look);
  const drawAt = (height: number): Drawing =>
    rows.length === 0
      ? drawEmpty(document, width)
      : drawModel(model, definition.chart, { document, width: innerWidth(width, isStandalone), height }, look);
  const fullHeight = look.height ?? defaultHeight;
  // The legend is known only after drawing, and leaves less height for the plot.
  const height = (legend: Drawing['legend']): number =>
    Math.max(minPlotHeight, fullHeight - frameHeight(legend, width, isStandalone));
  const first = drawAt(height([]));
  const hasFixedHeight = !['line', 'fan', 'bar'].includes(model.kind) || first.legend.length === 0;
  const drawing = hasFixedHeight ? first : drawAt(height(first.legend));
  return serialize(frame(document, texts, drawing, width, isStandalone));
}

/** Title, sub-title and summary of a chart, for a page around its fragment. @throws WattduckError like {@link draw} */
export const chartTexts = (definition: ChartDefinition, rows: readonly Row[], look: Look = {}): FrameTexts =>
  textsOf(chartModel(definition, rows, look), definition.title, rows.length, look);

function textsOf(model: ChartModel, reportTitle: string, rowCount: number, look: Look): FrameTexts {
  const title = clipValue(plainLine(reportTitle));
  return { title, subtitle: subtitleOf(model, title, rowCount, look), summary: summaryOf(model, rowCount, look) };
}

/** Maximum marks of a picture, and points of its lines: more would be narrower than a pixel. */
const [maxMarks, maxPoints] = [10_000, 20_000];

/** @throws WattduckError (chart_too_many_marks) */
function assertSize(model: ChartModel): void {
  const count = (items: readonly (readonly unknown[])[]): number => items.reduce((sum, each) => sum + each.length, 0);
  const [marks, max] =
    model.kind === 'line'
      ? [count(model.lines.map(({ points }) => points)), maxPoints]
      : 'bars' in model
        ? [count(model.bars.map(({ parts }) => parts)), maxMarks]
        : 'rows' in model
          ? [count(model.rows.map(({ cells }) => cells)), maxMarks]
          : [0, maxMarks];
  if (marks > max)
    throw new WattduckError('chart_too_many_marks', { marks: formatCount(marks), max: formatCount(max) });
}

function drawModel(model: ChartModel, chart: Chart, canvas: Canvas, look: Look): Drawing {
  switch (model.kind) {
    case 'line':
      return drawLine(model, canvas);
    case 'fan':
      return drawFan(model, canvas, look);
    case 'bar':
      return drawBar(model, canvas);
    case 'hbar':
      return drawRanked(model, chart.kind === 'hbar' ? chart : { kind: 'hbar', x: '', y: '' }, canvas);
    case 'heatmap':
      return drawHeatmap(model, canvas);
    case 'strip':
      return drawStrip(model, chart.kind === 'strip' ? chart : { kind: 'strip', x: '', value: '' }, canvas);
    case 'number':
      return drawFigure(model, canvas);
  }
}

const drawEmpty = (document: Document, width: number): Drawing => ({
  elements: [
    element(document, 'text', { x: width / 2 - 16, y: 48, fill: 'var(--soft)' }, ['No rows for this selection']),
  ],
  height: 80,
  legend: [],
});
