import type { Chart, Report, ReportColumn } from '../catalog/definitions.ts';
import type { DateStep } from './dates.ts';

/** A chart with the parts of its report that its texts need. */
export interface ChartDefinition<C extends Chart = Chart> {
  chart: C;
  title: string;
  columns: readonly ReportColumn[];
  /** Columns whose sum over rows is a total. */
  additive: readonly string[];
}

/** Size and style of a chart, and facts that its rows do not contain. */
export interface Look {
  /** Width in pixels. */
  width?: number;
  /** Height in pixels of a chart whose height does not depend on its rows. */
  height?: number;
  /** Whether it is a file of its own: with a title, colours for light and dark, and its own background. */
  standalone?: boolean;
  /** Currency of the amounts. */
  currency?: string | undefined;
  /** Further parts of the sub-title, such as the period and the time zone. */
  context?: readonly string[];
  /** Number of rows that match, if not all of them are drawn. */
  total?: number;
  /** Distance of dates; inferred from them by default. */
  step?: DateStep | undefined;
  /** Name of the interval of a forecast. */
  interval?: string | undefined;
  /** Maximum number of labels; that of the chart by default. */
  top?: number | undefined;
}

/** The chart of a report. */
export const chartDefinition = <C extends Chart>(
  { title, columns, additive }: Pick<Report, 'title' | 'columns' | 'additive'>,
  chart: C,
): ChartDefinition<C> => ({ chart, title, columns, additive });
