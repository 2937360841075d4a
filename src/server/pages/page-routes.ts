import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import pLimit from 'p-limit';
import type { PageDefinition } from '../../catalog/definitions.ts';
import { WattduckError } from '../../errors/wattduck-error.ts';
import { tileParams } from '../../pages/bind.ts';
import { layoutPage } from '../../pages/layout.ts';
import { errorPageHtml, pageHtml, type PageContent } from '../../pages/page.ts';
import { assertStateNames, resolveState, stateNames, type StateName } from '../../pages/state.ts';
import { findSubject } from '../../pages/subject.ts';
import {
  bindTile,
  errorContent,
  readTile,
  readTileTable,
  tileHtml,
  type TileContent,
  type TileContext,
} from '../../pages/tile.ts';
import { escapeHtml } from '../../text/html.ts';
import { acknowledge } from '../../reports/acknowledge.ts';
import { suggest } from '../../text/names.ts';
import { clipMessage } from '../../text/plain-text.ts';
import { duckdbError, isStatementError, shortMessage } from '../../warehouse/duckdb-errors.ts';
import type { DuckDb } from '../../warehouse/duckdb.ts';
import { endpointOf } from '../access/auth-hooks.ts';
import { ownPath } from '../access/own-path.ts';
import { redirect } from '../access/page-access.ts';
import type { ServerContext } from '../context.ts';
import { withDeadline } from '../http/deadline.ts';
import { statusOf } from '../http/error-responses.ts';
import { routeParams } from '../http/query-params.ts';
import { isStable } from '../reports/response-cache.ts';
import { pageFrame } from './frame.ts';

const htmlType = 'text/html; charset=utf-8';

/** Tiles of a whole page that are read at the same time. */
const maxTiles = 4;

/** Maximum length of an address that an error repeats. */
const maxPathLength = 200;

/** Adds the pages of sql/pages, and the parts that their script loads. */
export function addPageRoutes(app: FastifyInstance, context: ServerContext): void {
  for (const page of context.pages.definitions) {
    const url = page.address.replace(/\{\w+\}$/, ':id');
    app.get(url, { config: { scope: 'read', isPage: true } }, (request, reply) =>
      sendPage(context, page, request, reply),
    );
  }
  const part = { config: { scope: 'read', isPagePart: true } } as const;
  app.get('/tiles/version', part, async (_, reply) =>
    reply
      .header('etag', `"${context.responder.dataTag}"`)
      .type('text/plain; charset=utf-8')
      .send(context.responder.dataTag),
  );
  app.post('/tiles/acknowledge', { config: { scope: 'append', isPagePart: true } }, (request, reply) =>
    acknowledgeAndReturn(context, request, reply),
  );
  app.get('/tiles/:page/:index', part, (request, reply) => sendTile(context, request, reply, false));
  app.get('/tiles/:page/:index/table', { config: { ...part.config, isPage: true } }, (request, reply) =>
    sendTile(context, request, reply, true),
  );
}

/** Acknowledges an issue for a page without a script, and sends the browser back to it. */
async function acknowledgeAndReturn(
  { owner, io }: ServerContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const { issue_id: id, return: address = '/' } = routeParams(['issue_id', 'return'], request.query, request.body);
  const context = { now: io.now(), label: (name: string) => name };
  await owner.write((duckdb) =>
    acknowledge(duckdb, owner.acknowledgeAction, owner.report('issue'), { issue_id: id }, context),
  );
  return redirect(reply, ownPath(address) ?? '/');
}

type Given = Partial<Record<StateName, string>>;

/** Parameters that are set; forms send empty ones for all. */
const withoutEmpty = (params: Given): Given =>
  Object.fromEntries(Object.entries(params).filter(([, value]) => value !== undefined && value !== ''));

/** The names of query parameters of a page. */
const namesOf = ({ subject }: PageDefinition): StateName[] =>
  stateNames.filter((name) => name !== 'site' || subject === undefined);

async function sendPage(
  context: ServerContext,
  page: PageDefinition,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const { responder, owner } = context;
  const frame = await pageFrame(context, request.url.split('?')[0]!, request);
  try {
    const { whole, ...params } = routeParams([...namesOf(page), 'whole'], request.query);
    const { id } = request.params as { id?: string };
    const tag = responder.dataTag;
    const content = await inReader(context, request, async (duckdb): Promise<PageContent> => {
      const subject = page.subject === undefined ? undefined : await findSubject(duckdb, page.subject, id ?? '');
      return {
        ...(await tileContext(context, duckdb, page, withoutEmpty(params), id, request)),
        frame,
        subject,
        isRedacted: owner.redact,
        dataVersion: tag,
      };
    });
    const tiles = whole === undefined || whole === '0' ? undefined : await readTiles(context, content, request);
    return reply.type(htmlType).send(pageHtml(content, tiles));
  } catch (error) {
    return sendErrorPage(context, page, error, request, reply, frame);
  }
}

async function sendErrorPage(
  context: ServerContext,
  page: PageDefinition,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  frame: Awaited<ReturnType<typeof pageFrame>>,
): Promise<unknown> {
  const userError = toUserError(context, error, request);
  if (!userError) throw error;
  const path = request.url.split('?')[0]!;
  const address = userError.kind === 'not_found' || path.length > maxPathLength ? '/' : path;
  return reply
    .code(statusOf(userError, 'analytics'))
    .type(htmlType)
    .send(errorPageHtml({ ...frame, title: page.title }, userError, address));
}

/** An error for the reader; undefined for one that is not about the request. */
function toUserError({ io }: ServerContext, error: unknown, request: FastifyRequest): WattduckError | undefined {
  const normalized = duckdbError(error, 'the database');
  if (normalized instanceof WattduckError) return normalized;
  if (!isStatementError(normalized)) return undefined;
  io.stderr.write(`error: in ${endpointOf(request)}: ${clipMessage((normalized as Error).message)}\n`);
  return new WattduckError('query_failed', { reason: shortMessage(normalized as Error) });
}

const inReader = <T>(
  { owner, seconds }: ServerContext,
  request: FastifyRequest,
  work: (duckdb: DuckDb) => Promise<T>,
): Promise<T> => withDeadline(request, seconds, ({ signal }) => owner.read(work, signal));

async function tileContext(
  { owner, reports, pages, responder }: ServerContext,
  duckdb: DuckDb,
  page: PageDefinition,
  params: Given,
  id: string | undefined,
  request: FastifyRequest,
): Promise<TileContext> {
  const data = await pages.data();
  assertStateNames(Object.keys(params), namesOf(page));
  const run = responder.runContext(request.caller.name);
  return {
    page,
    pages: pages.definitions,
    reports,
    data,
    isReadOnly: owner.isReadOnly,
    state: await resolveState(duckdb, page, data, params, id, run),
  };
}

/** All tiles of a page, each with its own error. */
async function readTiles(context: ServerContext, content: PageContent, request: FastifyRequest): Promise<string[]> {
  const limit = pLimit(maxTiles);
  const run = context.responder.runContext(request.caller.name);
  return Promise.all(
    content.page.tiles.map((_, index) =>
      limit(async () => {
        const tile = await inReader(context, request, (duckdb) => readTile(duckdb, index, content, run)).catch(
          (error: unknown) => tileError(context, error, request).content,
        );
        return tileHtml(index, content, tile);
      }),
    ),
  );
}

/** The content of a tile that failed. @throws the error if it is not about the tile */
function tileError(
  context: ServerContext,
  error: unknown,
  request: FastifyRequest,
): { content: TileContent; status: number } {
  const userError = toUserError(context, error, request);
  if (!userError || userError.kind === 'interrupted') throw error;
  return { content: errorContent(userError), status: statusOf(userError, 'analytics') };
}

async function sendTile(
  context: ServerContext,
  request: FastifyRequest,
  reply: FastifyReply,
  isTable: boolean,
): Promise<unknown> {
  const { responder, pages } = context;
  const cached = responder.lookup(request);
  if (cached) return responder.sendCached(request, reply, cached);
  const { page: name, index: indexText } = request.params as { page: string; index: string };
  const page = findPage(pages.definitions, name);
  const index = Number(indexText);
  if (!/^\d{1,4}$/.test(indexText) || page.tiles[index] === undefined)
    throw new WattduckError('tile_not_found', { page: name, index: indexText, count: page.tiles.length });
  const { id, part, ...params } = routeParams([...namesOf(page), 'id', 'part'], request.query);
  let tile: TileContext | undefined;
  try {
    const state = await inReader(context, request, (duckdb) =>
      tileContext(
        context,
        duckdb,
        page,
        withoutEmpty(params),
        page.subject === undefined ? undefined : (id ?? ''),
        request,
      ),
    );
    tile = state;
    const bound = bindTile(state, index);
    const isPeriodOver = state.state.to.slice(0, 10) < new Date(context.io.now().getTime() - 86_400_000).toISOString();
    const isPinned =
      params.as_of !== undefined && params.as_of !== 'now' && params.from !== undefined && params.to !== undefined;
    const read = isTable ? readTileTable : readTile;
    const frame = isTable && part === undefined ? await pageFrame(context, '/tiles', request) : undefined;
    return await responder.sendContent(request, reply, {
      type: htmlType,
      isStable: isPinned && isStable(bound.report, tileParams(bound, state.state), isPeriodOver),
      caller: request.caller.name,
      create: async (duckdb, run) => {
        const content = await read(duckdb, index, state, run);
        if (!isTable) return tileHtml(index, state, content);
        return tablePage(content, bound.tile.title, frame);
      },
    });
  } catch (error) {
    if (!tile) tile = await inReader(context, request, (duckdb) => tileContext(context, duckdb, page, {}, id, request));
    const { content, status } = tileError(context, error, request);
    return reply
      .code(status)
      .type(htmlType)
      .send(isTable ? content.html : tileHtml(index, tile, content));
  }
}

/** The table of a tile: on a page of its own, or as a part of one. */
function tablePage(
  { html, subtitle }: TileContent,
  title: string,
  frame: Awaited<ReturnType<typeof pageFrame>> | undefined,
): string {
  const text = subtitle === '' ? '' : `<p class="what">${escapeHtml(subtitle)}</p>\n`;
  if (!frame) return `${text}${html}`;
  return layoutPage(
    { ...frame, title },
    `<div class="head"><h1>${escapeHtml(title)}</h1></div>\n<div class="card">${text}${html}</div>`,
  );
}

function findPage(pages: readonly PageDefinition[], name: string): PageDefinition {
  const page = pages.find((each) => each.name === name);
  if (page) return page;
  throw new WattduckError('page_not_found', {
    name,
    suggestion: suggest(
      name,
      pages.map((each) => each.name),
    ),
  });
}
