import { Chalk } from 'chalk';
import type { Chart } from '../../catalog/definitions.ts';
import { clipValue, plainLine } from '../../text/plain-text.ts';
import type { Row } from '../../warehouse/values.ts';
import { subtitleOf } from '../heading.ts';
import type { ChartDefinition, Look } from '../look.ts';
import { chartModel, type ChartModel } from '../model/model.ts';
import { renderBar } from './bar.ts';
import { renderFanChart } from './fan.ts';
import { renderFigure } from './figure.ts';
import { renderHeatmap, renderStrip } from './grid.ts';
import { renderRanked } from './hbar.ts';
import type { Screen } from './layout.ts';
import { renderLine } from './line.ts';
import { truncate } from '../../text/truncate.ts';

/** How a chart is drawn on a terminal. */
export interface TerminalLook extends Look {
  /** Columns of the screen. */
  columns: number;
  colour: boolean;
}

/**
 * Draws rows of a report as text, within the columns of the screen; an empty string without rows.
 * @throws WattduckError like {@link chartModel}
 */
export function renderChart(definition: ChartDefinition, rows: readonly Row[], look: TerminalLook): string {
  const model = chartModel(definition, rows, look);
  if (rows.length === 0) return '';
  const width = Math.max(20, look.columns);
  const chalk = new Chalk({ level: look.colour ? 1 : 0 });
  const title = clipValue(plainLine(definition.title));
  const subtitle = subtitleOf(model, title, rows.length, look);
  if (model.kind === 'fan')
    return renderFanChart(model.points, {
      width,
      colour: look.colour,
      title: clipValue(plainLine(definition.title)),
      unit: model.measure.unit,
      ...(look.interval === undefined ? {} : { interval: look.interval }),
    });
  return [
    chalk.bold(truncate(title, width)),
    ...(subtitle === '' ? [] : [chalk.dim(truncate(subtitle, width))]),
    ...renderModel(model, definition.chart, { width, chalk }),
  ].join('\n');
}

function renderModel(model: Exclude<ChartModel, { kind: 'fan' }>, chart: Chart, screen: Screen): string[] {
  switch (model.kind) {
    case 'line':
      return renderLine(model, screen);
    case 'bar':
      return renderBar(model, screen);
    case 'hbar':
      return renderRanked(model, chart.kind === 'hbar' ? chart : {}, screen);
    case 'heatmap':
      return renderHeatmap(model, screen);
    case 'strip':
      return renderStrip(model, chart.kind === 'strip' ? chart : { kind: 'strip', x: '', value: '' }, screen);
    case 'number':
      return renderFigure(model, screen);
  }
}
