import {
  linkTargets,
  outputColumns,
  type Chart,
  type PageDefinition,
  type RawParameters,
  type Report,
} from '../catalog/definitions.ts';
import { chartTexts } from '../charts/draw.ts';
import { chartModel } from '../charts/model/model.ts';
import { chartParams, readChart, type ChartData } from '../charts/report-chart.ts';
import type { WattduckError } from '../errors/wattduck-error.ts';
import { startReport, type ReportStream, type RunContext } from '../reports/run-report.ts';
import { pluralize, formatCount } from '../text/format-number.ts';
import { escapeHtml, escapeValue } from '../text/html.ts';
import { literal, type DuckDb } from '../warehouse/duckdb.ts';
import type { Row } from '../warehouse/values.ts';
import { addressOf, addressOfTarget, queryString } from './addresses.ts';
import { linkParams, tileParams, type BoundTile } from './bind.ts';
import { hasRows, type PageData } from './data.ts';
import { figureHtml } from './figure.ts';
import { pictureHtml, type LabelLinks } from './picture.ts';
import { carriedParams, pinnedParams, type PageState } from './state.ts';
import { recordHtml, tableHtml } from './table.ts';

/** Everything that tiles are made of, besides the rows. */
export interface TileContext {
  page: PageDefinition;
  pages: readonly PageDefinition[];
  reports: readonly Report[];
  data: PageData;
  state: PageState;
  /** Whether the page is a file, in which nothing can be sent. */
  isOffline?: boolean;
  /** Whether the data cannot be changed, so that no issue can be acknowledged. */
  isReadOnly?: boolean;
}

/** Content of a tile. */
export interface TileContent {
  /** A line below the title. */
  subtitle: string;
  /** A sentence about the values, for people who do not see the chart. */
  summary: string;
  html: string;
  notes: readonly string[];
  state: 'ok' | 'empty' | 'error';
}

/** A tile with its report and chart. @throws Error for an index without a tile */
export function bindTile({ page, reports }: Pick<TileContext, 'page' | 'reports'>, index: number): BoundTile {
  const tile = page.tiles[index];
  const report = reports.find(({ name }) => name === tile?.report);
  if (!tile || !report) throw new Error(`page ${page.name} has no tile ${index}`);
  const chart =
    tile.view === 'table'
      ? undefined
      : report.charts.find(({ name }) => tile.chart === undefined || name === tile.chart);
  return { tile, report, chart, subject: page.subject };
}

/** Days of a forecast with its history. */
const forecastDays = 120;

/** Runs the report of a tile. @throws WattduckError like the report */
export async function readTile(
  duckdb: DuckDb,
  index: number,
  context: TileContext,
  run: RunContext,
): Promise<TileContent> {
  const bound = bindTile(context, index);
  const { tile, report, chart } = bound;
  const missing = missingSources(bound, context);
  if (missing !== undefined) return emptyContent(missing);
  const params = tileParams(bound, context.state);
  return chart
    ? readChartTile(duckdb, bound, chart, params, index, context, run)
    : readTableTile(duckdb, bound, { ...pageLimit(report, rowsOf(tile)), ...params }, context, run);
}

const emptyContent = (reason: string): TileContent => ({
  subtitle: '',
  summary: '',
  html: `<p class="nothing">${commandsHtml(upperFirst(reason))}</p>`,
  notes: [],
  state: 'empty',
});

/** Why a tile has no rows: the page knows better than the report that nothing is good news. */
const emptyText = ({ empty }: BoundTile['tile'], reason = 'no rows'): string =>
  empty !== undefined && /^(nothing matches|the imported data|no rows)/.test(reason) ? empty : reason;

/** Text with commands in backticks, or after `Run: `. */
const commandsHtml = (text: string): string =>
  escapeHtml(text).replaceAll(/Run: (wattduck [^.(]*[^.( ])/g, 'Run: <code>$1</code>');

const upperFirst = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** The reason why a tile has no data: none of its sources has rows. */
function missingSources({ tile }: BoundTile, { data }: TileContext): string | undefined {
  if (hasRows(data, tile.needs)) return undefined;
  const names = tile.needs.map((name) => name.replaceAll('_', ' ')).join(' or ');
  return `no ${names} imported. Run: wattduck ingest FILE (columns: wattduck sources ${tile.needs[0]})`;
}

/** The parameter that limits the rows of a table. */
const pageLimit = ({ page }: Report, rows: number): RawParameters =>
  page.kind === 'none' ? {} : { [page.kind === 'limit' ? 'limit' : 'take']: String(Math.min(rows, page.max)) };

async function readChartTile(
  duckdb: DuckDb,
  { tile, report }: BoundTile,
  chart: Chart,
  params: RawParameters,
  index: number,
  context: TileContext,
  run: RunContext,
): Promise<TileContent> {
  const { stream, definition, rows, look } = await readRows(duckdb, { tile, report }, chart, params, run);
  if (stream.emptyReason !== undefined)
    return { ...emptyContent(emptyText(tile, stream.emptyReason)), notes: tileNotes(stream.notes) };
  const shown = { ...look, context: contextOf(report, look.context ?? [], context) };
  const { subtitle, summary } = chartTexts(definition, rows, shown);
  const model = chartModel(definition, rows, shown);
  const html =
    model.kind === 'number'
      ? figureHtml(model, tile.title)
      : pictureHtml(definition, rows, shown, {
          size: tile.size === 'figure' ? 'third' : tile.size,
          labelledBy: `t${index}-title t${index}-text`,
          links: labelLinksOf(chart, context),
        });
  return {
    subtitle: tile.text ?? (model.kind === 'number' ? '' : subtitle),
    summary,
    html,
    notes: tileNotes(stream.notes),
    state: 'ok',
  };
}

/** Runs the report of a chart, with as many labels as the tile has. */
async function readRows(
  duckdb: DuckDb,
  { tile, report }: Pick<BoundTile, 'tile' | 'report'>,
  chart: Chart,
  params: RawParameters,
  run: RunContext,
): Promise<ChartData & { stream: ReportStream }> {
  const shown = tile.rows === undefined ? chart : { ...chart, top: tile.rows };
  const stream = await startReport(duckdb, report, chartParams(report, shown, params, forecastDays), run);
  return { ...(await readChart(stream, shown, params)), stream };
}

async function readTableTile(
  duckdb: DuckDb,
  { tile, report }: BoundTile,
  params: RawParameters,
  context: TileContext,
  run: RunContext,
): Promise<TileContent> {
  const stream = await startReport(duckdb, report, params, run);
  const rows: Row[] = [];
  for await (const chunk of stream.chunks) rows.push(...chunk);
  const { total } = await stream.end();
  if (rows.length === 0)
    return { ...emptyContent(emptyText(tile, stream.emptyReason)), notes: tileNotes(stream.notes) };
  const shown = rows.slice(0, rowsOf(tile));
  const all = Math.max(total, rows.length);
  const columns = columnsOf(tile.columns, stream.report);
  // A single row of few columns is easier to read as a list.
  const isRecord = all === 1 && columns.length <= 6 && !tile.acknowledge && Object.keys(tile.opens).length === 0;
  const count = shown.length < all ? `first ${formatCount(shown.length)} of ${pluralize(all, 'row')}` : '';
  return {
    subtitle: [tile.text, ...contextOf(report, [], context), count].filter(Boolean).join(' · '),
    summary: `${pluralize(shown.length, 'row')}${count === '' ? '' : `, ${count}`}.`,
    html: (isRecord ? recordHtml : tableHtml)(columns, shown, {
      zone: context.state.tz,
      currency: await stream.currency(),
      label: tile.title,
      linkOf: (column, row) => linkOfCell(column, row, tile.opens, context),
      ...(tile.acknowledge && !context.isOffline && !context.isReadOnly
        ? { actionOf: await acknowledgeAction(duckdb, shown, context) }
        : {}),
    }),
    notes: tileNotes(stream.notes),
    state: 'ok',
  };
}

/** The rows of a tile as a table. @throws WattduckError like the report */
export async function readTileTable(
  duckdb: DuckDb,
  index: number,
  context: TileContext,
  run: RunContext,
): Promise<TileContent> {
  const bound = bindTile(context, index);
  const { tile, report, chart } = bound;
  if (!chart || missingSources(bound, context) !== undefined) return readTile(duckdb, index, context, run);
  const params = tileParams(bound, context.state);
  const { stream, rows, look, total } = await readRows(duckdb, { tile, report }, chart, params, run);
  if (rows.length === 0) return emptyContent(stream.emptyReason ?? 'no rows');
  const shown = rows.slice(0, maxTableRows);
  const all = Math.max(total, rows.length);
  const ids = chart && 'opens' in chart && chart.opens ? { [idColumn(chart)]: chart.opens } : {};
  const count =
    shown.length < all ? `First ${formatCount(shown.length)} of ${pluralize(all, 'row')}; the CSV has all` : '';
  return {
    subtitle: count,
    summary: '',
    html: tableHtml(columnsOf(undefined, stream.report), shown, {
      zone: context.state.tz,
      currency: look.currency,
      label: `${tile.title}: table`,
      linkOf: (column, row) => linkOfCell(column, row, ids, context),
    }),
    notes: [],
    state: 'ok',
  };
}

const maxTableRows = 200;

const rowsOf = ({ rows = 10 }: BoundTile['tile']): number => rows;

/** Columns by name, or all that a table shows first in its order. */
function columnsOf(names: readonly string[] | undefined, report: Report): ReturnType<typeof outputColumns> {
  const columns = outputColumns(report);
  if (names) return names.flatMap((name) => columns.find((column) => column.name === name) ?? []);
  const leading = report.leadingColumns.flatMap((name) => columns.find((column) => column.name === name) ?? []);
  return [...leading, ...columns.filter((column) => !leading.includes(column))];
}

/** Column with the ID of a label. */
const idColumn = (chart: Chart): string => {
  const id = 'id' in chart ? chart.id?.[0] : undefined;
  if (id !== undefined) return id;
  return chart.kind === 'heatmap'
    ? chart.y
    : chart.kind === 'strip'
      ? (chart.y ?? chart.x)
      : 'x' in chart
        ? (chart.x ?? '')
        : '';
};

function labelLinksOf(chart: Chart, { page, pages, state }: TileContext): LabelLinks | undefined {
  const target = 'opens' in chart ? chart.opens : undefined;
  const role = target && linkTargets[target];
  // A page does not link to itself.
  if (target === undefined || role === page.subject || !pages.some(({ subject }) => subject === role)) return undefined;
  return {
    target,
    column: idColumn(chart),
    urlOf: (id) => addressOfTarget(pages, target, id, carriedParams(state)),
  };
}

function linkOfCell(
  column: string,
  row: Row,
  opens: Readonly<Record<string, keyof typeof linkTargets>>,
  { pages, state }: TileContext,
): string | undefined {
  const target = Object.hasOwn(opens, column) ? opens[column] : undefined;
  // A name leads to the page of its ID.
  const id = row[column.replace(/_name$/, '_id')] ?? row[column];
  if (target === undefined || id === null || id === undefined) return undefined;
  return addressOfTarget(pages, target, String(id), carriedParams(state));
}

/** The last cell of issues. An issue that was acknowledged after the time of the page is open then, but needs no button. */
async function acknowledgeAction(
  duckdb: DuckDb,
  rows: readonly Row[],
  context: TileContext,
): Promise<(row: Row) => string> {
  // Another engine is read-only.
  if (duckdb.isOtherEngine) return () => '';
  const ids = rows.flatMap(({ issue_id: id }) => (typeof id === 'string' ? [literal(id)] : []));
  const known =
    ids.length === 0
      ? []
      : await duckdb.rows(`select distinct issue_id from issue_acknowledgements where issue_id in (${ids.join(', ')})`);
  const acknowledged = new Set(known.map(({ issue_id: id }) => id));
  return (row) =>
    acknowledged.has(row['issue_id'] ?? '') ? '<span class="soft">Acknowledged</span>' : acknowledgeHtml(row, context);
}

/** A button that acknowledges an issue; without a script, a form sends it. */
function acknowledgeHtml({ issue_id: id, status, acknowledged_at: at }: Row, { page, state }: TileContext): string {
  if (typeof id !== 'string' || status === 'resolved' || (at ?? null) !== null) return '';
  const address = `${addressOf(page, state.subject)}${queryString({ ...carriedParams(state), whole: '1' })}`;
  const path = `/api/v1/analytics/issues/${encodeURIComponent(id.replaceAll(/\p{Cs}/gu, '\uFFFD'))}/acknowledge`;
  return `<form method="post" action="/tiles/acknowledge" data-action="${escapeValue(path)}"><input type="hidden" name="issue_id" value="${escapeValue(id)}"><input type="hidden" name="return" value="${escapeValue(address)}"><button class="acknowledge">Acknowledge</button></form>`;
}

/** Zone and reach of a tile: what the header of the page does not say. */
function contextOf(report: Report, own: readonly string[], { page, state }: TileContext): string[] {
  const has = (role: string): boolean => report.parameters.some((parameter) => parameter.role === role);
  const isAllSites = state.site !== undefined && page.subject === undefined && !has('site');
  return [...(own.at(-1) === state.tz ? [state.tz] : []), ...(isAllSites ? ['all sites'] : [])];
}

/** Notes of a report without those that the page shows once. */
const tileNotes = (notes: readonly string[]): string[] =>
  notes.filter((note) => !/^(Compared with|Period:) /.test(note));

/** HTML of an error in a tile. */
export const errorContent = ({ message, hint }: WattduckError): TileContent => ({
  subtitle: '',
  summary: '',
  html: `<p class="note error"><strong>Error</strong> ${escapeHtml(message)}${hint === undefined ? '' : `. ${escapeHtml(hint)}`}</p>`,
  notes: [],
  state: 'error',
});

/** A tile with its content, and links to the same rows in other formats. */
export function tileHtml(
  index: number,
  context: TileContext,
  content: TileContent,
  { table, isOffline = false }: { table?: string; isOffline?: boolean } = {},
): string {
  const bound = bindTile(context, index);
  const { tile } = bound;
  const { subtitle, summary, html, notes, state } = content;
  const list = `<ul class="note">${notes.map((note) => `<li>${escapeHtml(upperFirst(note))}</li>`).join('')}</ul>`;
  const folded = `<details class="notes"><summary>${pluralize(notes.length, 'note')}</summary>${list}</details>`;
  const noteList = notes.length === 0 ? '' : `\n${tile.size === 'figure' ? folded : list}`;
  return `${tileStart(index, context, state === 'ok' ? '' : ` data-state="${state}"`)}
<h2 id="t${index}-title">${escapeHtml(tile.title)}</h2>
${subtitle === '' ? '' : `<p class="what">${escapeHtml(subtitle)}</p>\n`}${summary === '' ? '' : `<p class="hidden" id="t${index}-text">${escapeHtml(summary)}</p>\n`}<div class="content">
${html}
</div>${noteList}${table === undefined ? '' : `\n<details><summary>Table</summary>\n${table}\n</details>`}
${isOffline || state === 'error' ? '' : footerHtml(index, context, bound)}</figure>`;
}

/** A tile without its content yet, as high as it will be. */
export function pendingTileHtml(index: number, context: TileContext, wholeUrl: string): string {
  const { tile, chart } = bindTile(context, index);
  return `${tileStart(index, context, ` data-src="${escapeValue(tileUrl(index, context))}" aria-busy="true"`)}
<h2 id="t${index}-title">${escapeHtml(tile.title)}</h2>
<div class="content pending" style="min-height:${pendingHeight(chart, tile.rows)}px"><a href="${escapeValue(`${wholeUrl}#t${index}`)}">Load all tiles</a></div>
</figure>`;
}

const tileStart = (index: number, { page }: TileContext, attributes: string): string =>
  `<figure class="tile ${page.tiles[index]!.size}" id="t${index}" aria-labelledby="t${index}-title"${attributes}>`;

/** Approximate height of the content of a tile. */
function pendingHeight(chart: Chart | undefined, rows: number | undefined): number {
  if (chart === undefined) return Math.min(rows ?? 10, 10) * 31 + 60;
  switch (chart.kind) {
    case 'number':
      return 120;
    case 'hbar':
      return (rows ?? chart.top ?? 12) * 24 + 60;
    case 'heatmap':
    case 'strip':
      return (chart.kind === 'strip' && chart.y === undefined ? 1 : (rows ?? chart.top ?? 12)) * 22 + 110;
    default:
      return 350;
  }
}

/** Address of the fragment with a tile. */
export const tileUrl = (index: number, { page, state }: Pick<TileContext, 'page' | 'state'>): string =>
  `/tiles/${page.name}/${index}${queryString({ id: state.subject, ...pinnedParams(state) })}`;

function footerHtml(index: number, context: TileContext, bound: BoundTile): string {
  const { page, state } = context;
  const { report, chart } = bound;
  const params = linkParams(bound, state);
  const pipe = (format: string, extra: RawParameters = {}): string =>
    escapeValue(`/v0/pipes/${encodeURIComponent(report.name)}.${format}${queryString({ ...extra, ...params })}`);
  const table = `/tiles/${page.name}/${index}/table${queryString({ id: state.subject, ...pinnedParams(state) })}`;
  return `<footer>${chart ? `<a class="table" href="${escapeValue(table)}">Table</a>` : ''}<a href="${pipe('csv')}" download>CSV</a><a href="${pipe('json')}">JSON</a>${
    chart ? `<a class="svg" href="${pipe('svg', { chart: chart.name })}">SVG</a>` : ''
  }</footer>
`;
}
