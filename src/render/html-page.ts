import { chartColours, fontStack, lightColours } from './colours.ts';
import { escapeHtml } from '../text/html.ts';
import type { Row } from '../warehouse/values.ts';
import type { DisplayColumn } from './cells.ts';
import { htmlTable, type TableUnits } from './html-table.ts';
import { standaloneHead } from './standalone-page.ts';

/** What a page contains besides its rows. */
export interface PageTexts extends TableUnits {
  title: string;
  /** Period, site and other facts of the selection. */
  context: readonly string[];
  notes: readonly string[];
  chart?: PageChart | undefined;
}

/** A chart on a page. */
export interface PageChart {
  /** SVG that takes its colours from the page. */
  svg: string;
  subtitle: string;
}

/** Columns of a table that is printed across the page. */
const wideTable = 8;

const style = (columnCount: number): string => `${chartColours(':root')}
:root { color-scheme: light dark; }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.5rem 3rem; max-width: 80rem; background: var(--paper); color: var(--ink); font: 15px/1.5 ${fontStack}; }
h1 { margin: 0; font-size: 1.6rem; line-height: 1.25; letter-spacing: -.01em; overflow-wrap: anywhere; }
p { margin: .3rem 0; }
.soft, figcaption { color: var(--soft); }
figure { margin: 1.5rem 0; }
figcaption { margin-bottom: .6rem; }
svg { display: block; max-width: 100%; height: auto; }
ul { margin: .8rem 0 0; padding: .5rem .9rem .5rem 1.9rem; border-left: 3px solid var(--line); color: var(--soft); }
.scroll { margin-top: 1.5rem; overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
th, td { padding: .35rem .75rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
th { vertical-align: bottom; font-weight: 600; }
td.long { min-width: 12rem; max-width: 28rem; overflow-wrap: anywhere; }
.n { text-align: right; }
td.n, td.t { white-space: nowrap; }
thead th { border-bottom: 2px solid var(--soft); }
tfoot td { font-weight: 600; border-top: 2px solid var(--soft); border-bottom: 0; }
@media print {
  ${lightColours(':root')}
  @page { margin: 14mm; size: ${columnCount > wideTable ? 'landscape' : 'auto'}; }
  :root { color-scheme: light; }
  body { padding: 0; max-width: none; font-size: 10pt; }
  .scroll { overflow: visible; }
  table { width: 100%; font-size: ${columnCount > wideTable ? '7pt' : '8.5pt'}; }
  th, td { padding: .2rem .4rem; }
  ${columnCount > wideTable ? 'td.n, td.t { white-space: normal; }' : ''}
  thead { display: table-header-group; }
  tfoot { display: table-row-group; }
  tr, figure { break-inside: avoid; }
  h1, figcaption { break-after: avoid; }
}`;

/** One page with everything in it, which loads nothing: title, selection, notes, chart and table. */
export function toHtml(
  columns: readonly DisplayColumn[],
  rows: readonly Row[],
  totalRow: Row | undefined,
  { title, context, notes, zone, currency, chart }: PageTexts,
): string {
  return `${standaloneHead(title, style(columns.length))}
</head>
<body>
<h1>${escapeHtml(title)}</h1>
${context.length > 0 ? `<p class="soft">${context.map(escapeHtml).join(' · ')}</p>\n` : ''}${
    notes.length > 0 ? `<ul>\n${notes.map((note) => `<li>${escapeHtml(note)}</li>`).join('\n')}\n</ul>\n` : ''
  }${chart ? `<figure>\n<figcaption>${escapeHtml(chart.subtitle)}</figcaption>\n${chart.svg}\n</figure>\n` : ''}<div class="scroll">
${htmlTable(columns, rows, totalRow, { zone, currency })}
</div>
</body>
</html>
`;
}
