import type { PageDefinition, Report } from '../catalog/definitions.ts';
import type { WattduckError } from '../errors/wattduck-error.ts';
import { zonedTimes } from '../render/zoned-times.ts';
import { escapeHtml, escapeValue } from '../text/html.ts';
import { addressOf, addressOfTarget, queryString } from './addresses.ts';
import { hasRows, type PageData } from './data.ts';
import { anchor, layoutPage, type NavigationLink, type PageFrame } from './layout.ts';
import { pickersHtml } from './pickers.ts';
import { carriedParams, pinnedParams } from './state.ts';
import type { Subject } from './subject.ts';
import { bindTile, pendingTileHtml, type TileContext } from './tile.ts';

/** Links to the pages whose sources have rows, in order. */
export const pageLinks = (pages: readonly PageDefinition[], data: PageData | undefined): NavigationLink[] =>
  pages
    .filter(
      (page) => page.order !== undefined && (data === undefined || page.address === '/' || hasRows(data, page.needs)),
    )
    .toSorted((a, b) => a.order! - b.order!)
    .map(({ address, menu, title }) => ({ href: address, text: menu ?? title }));

/** What a page shows besides its tiles. */
export interface PageContent extends TileContext {
  frame: Omit<PageFrame, 'title' | 'path'>;
  subject: Subject | undefined;
  /** Whether personal values are hidden. */
  isRedacted: boolean;
  /** Version of the data, for the script to see changes. */
  dataVersion: string;
}

/** A page. @param tiles HTML of the tiles; undefined to let the script load them */
export function pageHtml(content: PageContent, tiles: readonly string[] | undefined): string {
  const { frame, page, subject, state, dataVersion, isOffline = false } = content;
  const address = addressOf(page, subject?.id);
  const title = subject?.name ?? page.title;
  const pinned = `${address}${queryString(pinnedParams(state))}`;
  const whole = `${address}${queryString({ ...pinnedParams(state), whole: '1' })}`;
  const shownTiles = tiles ?? page.tiles.map((_, index) => pendingTileHtml(index, content, whole));
  const count = page.tiles.filter(({ size }) => size === 'figure').length;
  // Without a script, the browser asks for the whole page itself.
  const head = tiles
    ? ''
    : `
<noscript><meta http-equiv="refresh" content="0; url=${escapeValue(whole)}"></noscript>`;
  const attributes = isOffline ? '' : ` data-version="${dataVersion}" data-link="${escapeValue(pinned)}"`;
  const main = `<div id="page"${attributes}>
${printLine(content, title)}
${crumbs(content)}<div class="head"><h1>${escapeHtml(title)}</h1>${
    subject !== undefined && subject.name !== subject.id ? `<span class="soft">${escapeHtml(subject.id)}</span>` : ''
  }</div>
${isOffline ? '' : `${pickersHtml({ ...content, address })}\n`}${stateLine(content, address)}
<div class="tiles figures-${count}">
${shownTiles.join('\n')}
</div>
<p class="hidden" role="status" aria-live="polite" id="live"></p>
</div>`;
  return layoutPage({ ...frame, title, path: address, head, isOffline }, main);
}

/** Links to the pages above a page. */
function crumbs({ page, pages, subject, state }: PageContent): string {
  if (page.subject === undefined || subject === undefined) return '';
  const above =
    pages.find(({ address }) => address === page.address.replace(/\/\{\w+\}$/, '')) ??
    pages.find(({ address }) => address === '/');
  const query = queryString(carriedParams(state));
  const site = subject.site && addressOfTarget(pages, 'site', subject.site.id, carriedParams(state));
  const links = [
    ...(above === undefined ? [] : [anchor(`${above.address}${query}`, above.menu ?? above.title)]),
    ...(site === undefined ? [] : [anchor(site, subject.site!.name)]),
    escapeHtml(page.title),
  ];
  return `<p class="crumbs">${links.join(' › ')}</p>
`;
}

/** The line at the top of a printed page: title, period, point in time and database. */
function printLine({ frame, state }: PageContent, title: string): string {
  const parts = [
    'wattduck',
    title,
    `${state.from} to ${state.to}`,
    `times in ${state.tz}`,
    `as of ${localMinute(Date.parse(state.asOf), state.tz)}`,
    ...(frame.database === undefined ? [] : [`database ${frame.database}`]),
  ];
  return `<p class="print-head">${parts.map(escapeHtml).join(' · ')}</p>`;
}

/** Local date and time of an instant in milliseconds since 1970, such as 2025-12-31 23:59. */
export const localMinute = (ms: number, tz: string): string =>
  zonedTimes(tz)(new Date(ms).toISOString().slice(0, 19).replace('T', ' ')).slice(0, 16);

/** The selection in words: period, zone, comparison, and where the data ends. */
function stateLine({ state, isRedacted, data, page, isOffline }: PageContent, address: string): string {
  const time = (ms: number): string => localMinute(ms, state.tz);
  const site = data.sites.find(({ id }) => id === state.given.site);
  const parts = [
    `<strong>${escapeHtml(state.from === state.to ? state.from : `${state.from} to ${state.to}`)}</strong>`,
    ...(state.given.site === undefined ? [] : [escapeHtml(site?.name ?? state.given.site)]),
    `times in ${escapeHtml(state.tz)}`,
    ...(state.currency === undefined ? [] : [`only sessions in ${escapeHtml(state.currency)}`]),
    ...(state.earlier === undefined ? [] : [`compared with ${escapeHtml(state.earlier)}`]),
    ...(state.given.as_of === undefined ? [] : [`as of ${escapeHtml(time(Date.parse(state.asOf)))}`]),
  ];
  const ends =
    state.dataEnd === undefined
      ? ''
      : `<span>Data ends ${escapeHtml(time(state.dataEnd))} (${escapeHtml(state.tz)}); shown as of then.${
          isOffline ? '' : ` ${anchor(`${address}${queryString({ ...state.given, as_of: 'now' })}`, 'Show now')}`
        }</span>`;
  const nothing = hasRows(data, page.needs)
    ? ''
    : `<p class="message">No ${escapeHtml(page.needs.map((name) => name.replaceAll('_', ' ')).join(' or '))} imported yet. Run: <code>wattduck ingest FILE</code></p>\n`;
  return `${nothing}<p class="state">${parts.map((part) => `<span>${part}</span>`).join('')}${
    isRedacted ? '<span>personal values are hidden</span>' : ''
  }${ends}</p>`;
}

/** A page that cannot be shown: the error, and a link to the page without parameters. */
export function errorPageHtml(
  frame: PageFrame,
  { message, hint }: Pick<WattduckError, 'message'> & { hint?: string | undefined },
  address: string | undefined,
): string {
  return layoutPage(
    frame,
    `<div class="head"><h1>${escapeHtml(frame.title)}</h1></div>
<div class="message error" role="alert"><p><strong>${escapeHtml(upperFirst(message))}</strong></p>${hint === undefined || hint === '' ? '' : `<p>${escapeHtml(hint)}</p>`}</div>
${address === undefined ? '' : `<p>${anchor(address, address === '/' ? 'Show the first page' : 'Show the page with its defaults')}</p>`}`,
  );
}

const upperFirst = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** The reports of all tiles, for tables that must exist. */
export const reportsOf = (page: PageDefinition, reports: readonly Report[]): Report[] =>
  page.tiles.map((_, index) => bindTile({ page, reports }, index).report);
