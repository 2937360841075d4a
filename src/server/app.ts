import type { Socket } from 'node:net';
import formbody from '@fastify/formbody';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Report } from '../catalog/definitions.ts';
import { suggest } from '../text/names.ts';
import { WattduckError } from '../errors.ts';
import { clipMessage, clipped } from '../text/plain-text.ts';
import type { Io } from '../io.ts';
import { duckdbFault, firstLine, isStatementFault } from '../warehouse/faults.ts';
import { answerPreflight, Cors } from './access/cors.ts';
import { checkSite } from './access/cross-site.ts';
import { checkHost, isLoopback } from './access/host.ts';
import { addActions } from './analytics/acknowledge.ts';
import { Answers } from './reports/response-cache.ts';
import { requireScope, tokenOf, Tokens, type Caller, type Scope } from './access/auth.ts';
import { badUrl, bodyOf, clientFault, pathOf, protocolOf, statusOf } from './http/error-responses.ts';
import { addHealth } from './pages/health.ts';
import { addMetrics } from './pages/metrics.ts';
import type { Owner } from './owner/owner.ts';
import { addPages } from './pages/routes.ts';
import { braced, patternOf } from './http/route-pattern.ts';
import { refuseUnread, securityHeaders } from './http/client-error.ts';
import { addReports } from './reports/routes.ts';
import { addTinybird } from './tinybird/index.ts';
import { brokenOff, refuseBeyond, Usage, type End } from './access/request-log.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a caller's token must allow; nothing where anybody may. */
    scope?: Scope;
    /** True for an HTML page: links of other sites may lead to it. */
    isPage?: boolean;
  }
  interface FastifyRequest {
    caller: Caller;
    /** Tells that a request that was let through is answered. */
    end?: End;
  }
}

/** How the server answers. */
export interface Serving {
  io: Pick<Io, 'now' | 'stderr'>;
  owner: Owner;
  /** Zone of dates without an offset. */
  tz: string;
  /** Address it listens on; where that is this machine alone, requests must be meant for it. */
  host: string;
  /** Seconds a query may take. */
  seconds: number;
  /** Milliseconds a client may take to send a request; half a minute where it is not said. */
  requestTimeout?: number;
  /** Origins whose pages may use it, or `*`; none where it is not said. */
  cors?: readonly string[];
}

/** What every part of the server works with. */
export interface Parts extends Serving {
  reports: readonly Report[];
  tokens: Tokens;
  usage: Usage;
  answers: Answers;
  access: Access;
}

/** Which requests are let in before anything of them is looked at. */
export interface Access {
  /** True where the server listens on this machine alone. */
  isLocal: boolean;
  cors: Cors;
}

/** Milliseconds a client may take to send the head of a request; a large file may take longer. */
const longestHead = 30_000;
/** Most bytes of a body. */
export const largestBody = 10_485_760;

/** The whole server, ready to listen, with the routes it has. */
export async function buildApp(serving: Serving): Promise<{ app: FastifyInstance; parts: Parts; routes: Routes }> {
  const { owner, io, requestTimeout = 300_000 } = serving;
  const usage = await Usage.open(owner, io);
  const answers = new Answers(owner, usage, { now: io.now, tz: serving.tz, seconds: serving.seconds });
  const tokens = new Tokens(owner);
  const access: Access = { isLocal: isLoopback(serving.host), cors: new Cors(serving.cors ?? [], tokens) };
  const parts: Parts = { ...serving, reports: owner.reports, tokens, usage, answers, access };
  const app = Fastify({
    logger: false,
    bodyLimit: largestBody,
    requestTimeout,
    // Clients that never end a request are looked for so often; one without a Host is refused in our own words.
    http: {
      connectionsCheckingInterval: Math.min(5000, requestTimeout),
      headersTimeout: Math.min(longestHead, requestTimeout),
      requireHostHeader: false,
    },
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 1000 },
    forceCloseConnections: 'idle',
    clientErrorHandler: refuseUnread,
    // The library's own words have the whole URL in them, and with it the token.
    frameworkErrors: (error, request, reply) =>
      void checkAccess(request, reply, access).then(
        () => sendFault(clientFault(error) ?? error, request, reply),
        (fault: unknown) => sendFault(fault, request, reply),
      ),
  });
  app.server.on('connect', (_, socket) => refuseUnread({}, socket as Socket));
  // What a client expects beside being told to go on is passed over.
  app.server.on('checkExpectation', (request, response) => void app.server.emit('request', request, response));
  const routes = keepRoutes(app);
  // Before the first plugin is waited for: routes keep the hooks and the error handler they find then.
  guard(app, parts);
  answerFaults(app, parts, routes);
  addMetrics(app, parts);
  await app.register(formbody);
  addReports(app, parts);
  addActions(app, parts);
  await addTinybird(app, parts);
  addPages(app, parts);
  addHealth(app, parts);
  const made: Routes = new Map(Array.from(routes, ([url, taken]) => [url, new Set(taken)]));
  answerOtherMethods(app, made);
  closeWhatBecomesIdle(app);
  app.addHook('onClose', () => usage.close());
  return { app, parts, routes: made };
}

/** A server that ends closes connections that are idle then; those whose last request is only answered after that would keep it waiting. */
function closeWhatBecomesIdle(app: FastifyInstance): void {
  let isEnding = false;
  app.addHook('preClose', async () => void (isEnding = true));
  app.addHook('onResponse', async ({ raw }) => {
    // What a test injects has no socket.
    if (isEnding) raw.socket.destroySoon?.();
  });
}

/** Routes as they were made: path and methods. */
export type Routes = ReadonlyMap<string, ReadonlySet<string>>;

function keepRoutes(app: FastifyInstance): Routes {
  const routes = new Map<string, ReadonlySet<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    routes.set(url, new Set([...(routes.get(url) ?? []), ...[method].flat()]));
  });
  return routes;
}

/** Who may pass, and what is written down of it. */
function guard(app: FastifyInstance, { access, tokens, usage }: Parts): void {
  app.decorateRequest('caller');
  app.decorateRequest('end');
  app.addHook('onRequest', async (request, reply) => {
    await checkAccess(request, reply, access);
    checkEncoding(request.url);
    const { scope } = request.routeOptions.config;
    if (scope === undefined) return;
    const caller = await tokens.callerOf(tokenOf(request));
    request.caller = caller;
    const allowance = usage.admit(caller);
    if (allowance) {
      reply.headers({
        'x-ratelimit-limit': allowance.limit,
        'x-ratelimit-remaining': Math.max(0, allowance.remaining),
        'x-ratelimit-reset': allowance.reset,
      });
      if (allowance.remaining < 0) reply.header('retry-after', allowance.reset);
      refuseBeyond(allowance);
    }
    const end = usage.begin(caller.name, endpointOf(request));
    request.end = end;
    reply.raw.once('close', () => end(brokenOff, reply.elapsedTime));
    requireScope(caller, scope);
  });
  app.addHook('onResponse', async (request, reply) => {
    const { caller, end, routeOptions } = request;
    if (end) return end(reply.statusCode, reply.elapsedTime);
    // Pages and what asks whether the server lives are no use of the API; a path that is not there may be meant for it.
    if (routeOptions.config.scope !== undefined || routeOptions.url === undefined)
      usage.refused(caller?.name, endpointOf(request), reply.statusCode, reply.elapsedTime);
  });
}

/** @throws WattduckError where the request names another host, or a page of another site sends it */
async function checkAccess(request: FastifyRequest, reply: FastifyReply, access: Access): Promise<void> {
  reply.headers(securityHeaders);
  checkHost(request, access.isLocal);
  await checkSite(request, reply, access);
}

const endpointOf = (request: FastifyRequest): string => `${request.method} ${patternOf(request)}`;

/** @throws WattduckError (usage) where a URL's percent signs make no text */
function checkEncoding(url: string): void {
  try {
    decodeURIComponent(url);
  } catch {
    throw new WattduckError('usage', ...badUrl);
  }
}

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

/** A path that is there answers OPTIONS, and says which methods it takes. */
function answerOtherMethods(app: FastifyInstance, routes: Routes): void {
  for (const [url, taken] of routes) {
    const allowed = [...taken, 'OPTIONS'].join(', ');
    const answer = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
      reply.header('allow', allowed);
      answerPreflight(request, reply, allowed);
      if (request.method === 'OPTIONS') return reply.code(204).send();
      throw new WattduckError(
        'no_method',
        clipped`${request.method} is not for ${patternOf(request)}`,
        `It takes ${allowed}.`,
      );
    };
    // Before the body is read, whatever it is.
    app.route({ method: methods.filter((method) => !taken.has(method)), url, onRequest: answer, handler: answer });
  }
}

/** Longest path an error repeats. */
const longestPath = 200;

function answerFaults(app: FastifyInstance, { io, tokens }: Parts, routes: Routes): void {
  app.setNotFoundHandler(async (request, reply) => {
    if (!methods.some((method) => method === request.method)) {
      reply.header('allow', methods.join(', '));
      throw new WattduckError(
        'no_method',
        clipped`${request.method} is not answered here`,
        `These are: ${methods.join(', ')}.`,
      );
    }
    const path = pathOf(request.url).slice(0, longestPath);
    const known = [...routes.keys()].map(braced);
    // Whoever may ask nothing is told of no route either.
    const near = await tokens.callerOf(tokenOf(request)).then(
      () => suggest(path, known),
      () => '',
    );
    throw new WattduckError(
      'not_found',
      clipped`no route ${path}`,
      near.startsWith('Did') ? near : 'See / for all there are.',
    );
  });
  app.setErrorHandler((error, request, reply) => {
    const fault = duckdbFault(error, 'the database');
    if (fault instanceof WattduckError) return sendFault(fault, request, reply);
    if (isStatementFault(fault)) {
      // It would fail the same way again: no client should try.
      io.stderr.write(`error: in ${endpointOf(request)}: ${clipMessage(fault.message)}\n`);
      return sendFault(
        new WattduckError('failed', `the database can't compute this: ${firstLine(fault)}`),
        request,
        reply,
      );
    }
    const theirs = clientFault(fault as Parameters<typeof clientFault>[0]);
    if (theirs) return sendFault(theirs, request, reply);
    // What we did not foresee is ours to mend: its trace goes to the terminal, not to the client.
    io.stderr.write(`error: unexpected, in ${endpointOf(request)}: ${(fault as Error).stack ?? String(fault)}\n`);
    return sendFault(fault, request, reply);
  });
}

/** Answers a fault as the protocol of its route writes them. */
function sendFault(fault: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const protocol = protocolOf(request.url);
  const [status, body] =
    fault instanceof WattduckError
      ? [statusOf(fault, protocol), bodyOf(fault, protocol)]
      : [500, bodyOf(unforeseen, protocol, 500)];
  if (status === 401) reply.header('www-authenticate', 'Bearer');
  return reply.code(status).type('application/json; charset=utf-8').send(JSON.stringify(body));
}

const unforeseen = new WattduckError('failed', 'something went wrong here', "The server's own output says more.");
