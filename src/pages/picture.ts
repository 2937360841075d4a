import type { Chart, LinkTarget } from '../catalog/definitions.ts';
import { draw } from '../charts/draw.ts';
import type { ChartDefinition, Look } from '../charts/look.ts';
import { chartModel, type ChartModel } from '../charts/model/model.ts';
import { escapeHtml } from '../text/html.ts';
import type { Row } from '../warehouse/values.ts';
import { anchor } from './layout.ts';

/** Widths of pictures in pixels: that of half a page, of a whole one, and of a phone. */
const widths = { third: 380, half: 560, wide: 1160, narrow: 520 } as const;

/** Height of the rows of charts with labels, and the space above the first one. */
const rowHeights: Partial<Record<Chart['kind'], number>> = { hbar: 24, heatmap: 22, strip: 22 };
const rowsTop = 4;

/** What a label of a chart leads to. */
export interface LabelLinks {
  target: LinkTarget;
  /** Column with the ID. */
  column: string;
  urlOf(id: string): string | undefined;
}

/** A chart of a tile, in one or two widths, with links over its labels. */
export function pictureHtml(
  definition: ChartDefinition,
  rows: readonly Row[],
  look: Look,
  { size, labelledBy, links }: { size: 'third' | 'half' | 'wide'; labelledBy: string; links: LabelLinks | undefined },
): string {
  const picture = (width: number, className: string): string => {
    const svg = draw(definition, rows, { ...look, width })
      // The heading and the summary of the tile say the same.
      .replace(/<title>[^]*?<\/desc>/, '')
      .replace('role="img"', `role="img" aria-labelledby="${labelledBy}"`);
    const overlay = links ? labelLinks(chartModel(definition, rows, look), svg, links) : '';
    return `<div class="picture${className}${overlay === '' ? '' : ' linked'}">${svg}${overlay}</div>`;
  };
  return size === 'wide'
    ? `${picture(widths.wide, ' wide-picture')}\n${picture(widths.narrow, ' narrow')}`
    : picture(widths[size], '');
}

/** Links in the place of the labels: a picture cannot contain any. */
function labelLinks(model: ChartModel, svg: string, { column, urlOf }: LabelLinks): string {
  const rowHeight = rowHeights[model.kind];
  const [, width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg) ?? [];
  if (rowHeight === undefined || height === undefined) return '';
  const labelled: readonly { label: string; row: Row | undefined }[] =
    'bars' in model ? model.bars : 'rows' in model ? model.rows : [];
  const bottom = model.kind === 'hbar' ? rowsTop : 'isTime' in model && model.isTime ? 40 : 26;
  const top = Number(height) - bottom - labelled.length * rowHeight;
  const percent = (pixels: number, of: number): string => `${Number(((100 * pixels) / of).toFixed(2))}%`;
  return labelled
    .map(({ label, row }, at) => {
      const id = row?.[column];
      const url = id === null || id === undefined || id === '' ? undefined : urlOf(String(id));
      if (url === undefined) return '';
      const style = `top:${percent(top + at * rowHeight, Number(height))};height:${percent(rowHeight, Number(height))};width:${percent(Number(width) / 3, Number(width))}`;
      return anchor(url, label, ` class="label" style="${style}" title="${escapeHtml(label)}"`);
    })
    .join('');
}
