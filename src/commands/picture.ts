import { isSvgPath } from '../render/output-formats.ts';
import type { OutputOptions } from '../render/print-rows.ts';

/** Whether the output of a report is an SVG of its chart. */
export const isPicture = ({ format, output, json }: OutputOptions): boolean =>
  format === 'svg' || (format === undefined && !json && output !== undefined && isSvgPath(output));
