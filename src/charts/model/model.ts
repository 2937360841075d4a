import type { Row } from '../../warehouse/values.ts';
import type { ChartDefinition, Look } from '../look.ts';
import { barsModel, type BarsModel } from './bars.ts';
import { fanModel, type FanModel } from './fan.ts';
import { figureModel, type FigureModel } from './figure.ts';
import { gridModel, type GridModel } from './grid.ts';
import { lineModel, type LineModel } from './line.ts';

/** The content of a chart, without pixels or characters. */
export type ChartModel = LineModel | BarsModel | GridModel | FanModel | FigureModel;

/**
 * Places rows in a chart.
 * @throws WattduckError if several rows share a mark, or x has no order, because of the parameters of the report
 */
export function chartModel({ chart, ...rest }: ChartDefinition, rows: readonly Row[], look: Look): ChartModel {
  switch (chart.kind) {
    case 'line':
      return lineModel({ chart, ...rest }, rows, look);
    case 'bar':
    case 'hbar':
      return barsModel({ chart, ...rest }, rows, look);
    case 'heatmap':
    case 'strip':
      return gridModel({ chart, ...rest }, rows, look);
    case 'fan':
      return fanModel({ chart, ...rest }, rows, look);
    case 'number':
      return figureModel({ chart, ...rest }, rows, look);
  }
}
