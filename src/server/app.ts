import formbody from '@fastify/formbody';
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import type { Report } from '../catalog/definitions.ts';
import { suggest } from '../catalog/names.ts';
import { WattduckError } from '../errors.ts';
import type { Io } from '../io.ts';
import { duckdbFault } from '../warehouse/faults.ts';
import { addActions } from './actions.ts';
import { Answers } from './answers.ts';
import { requireScope, Tokens, type Caller, type Scope } from './auth.ts';
import { bodyOf, clientFault, protocolOf, socketFault, statusOf, type Protocol } from './failures.ts';
import { addHealth } from './health.ts';
import type { Owner } from './owner.ts';
import { addPages } from './pages.ts';
import { addReports } from './report-routes.ts';
import { addTinybird } from './tinybird.ts';
import { refuseBeyond, Usage } from './usage.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a caller's token must allow; nothing where anybody may. */
    scope?: Scope;
  }
  interface FastifyRequest {
    caller: Caller;
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
}

/** What every part of the server works with. */
export interface Parts extends Serving {
  reports: readonly Report[];
  tokens: Tokens;
  usage: Usage;
  answers: Answers;
}

/** Most bytes of a body. */
export const largestBody = 10_485_760;
/** Milliseconds a client may take to send a request. */
const requestTimeout = 30_000;

/** The whole server, ready to listen. */
export async function buildApp(serving: Serving): Promise<{ app: FastifyInstance; parts: Parts }> {
  const { owner, io } = serving;
  const usage = await Usage.open(owner, io.now);
  const answers = new Answers(owner, usage, { now: io.now, tz: serving.tz, seconds: serving.seconds });
  const parts: Parts = { ...serving, reports: owner.reports, tokens: new Tokens(owner), usage, answers };
  const app = Fastify({
    logger: false,
    bodyLimit: largestBody,
    requestTimeout,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 1000 },
    forceCloseConnections: 'idle',
    clientErrorHandler: (error, socket) => {
      if (error.code === 'ECONNRESET' || !socket.writable) return;
      const fault = socketFault(error.code);
      const [status, body] = [fault.kind === 'timed_out' ? '408 Request Timeout' : '400 Bad Request', JSON.stringify({ error: fault.line, documentation: '/docs' })];
      socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
    },
  });
  const routes = keepRoutes(app);
  guard(app, parts);
  answerFaults(app, parts, routes);
  await app.register(formbody);
  addReports(app, parts);
  addActions(app, parts);
  await addTinybird(app, parts);
  addPages(app, parts);
  addHealth(app, parts);
  answerOtherMethods(app, routes);
  app.addHook('onClose', () => usage.close());
  return { app, parts };
}

/** Routes as they were made: path and methods. */
type Routes = Map<string, Set<string>>;

function keepRoutes(app: FastifyInstance): Routes {
  const routes: Routes = new Map();
  app.addHook('onRoute', ({ url, method }) => {
    routes.set(url, new Set([...(routes.get(url) ?? []), ...[method].flat()]));
  });
  return routes;
}

const securityHeaders = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'content-security-policy': "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  'cache-control': 'private, no-cache',
};

/** Who may pass, and what is written down of it. */
function guard(app: FastifyInstance, { host, tokens, usage }: Parts): void {
  const isLocal = isLoopback(host);
  app.decorateRequest('caller');
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(securityHeaders);
    // A page of another site may have a name of its own point here.
    if (isLocal && !isLoopback(request.hostname)) {
      throw new WattduckError('not_allowed', `the request is meant for ${request.hostname}, not for this machine`, 'Use 127.0.0.1 or localhost.');
    }
    const { scope } = request.routeOptions.config;
    if (scope === undefined) return;
    const caller = await tokens.callerOf(tokenOf(request));
    request.caller = caller;
    const allowance = usage.admit(caller);
    if (allowance) {
      reply.headers({ 'x-ratelimit-limit': allowance.limit, 'x-ratelimit-remaining': Math.max(0, allowance.remaining), 'x-ratelimit-reset': allowance.reset });
      if (allowance.remaining < 0) reply.header('retry-after', allowance.reset);
      refuseBeyond(allowance);
    }
    requireScope(caller, scope);
  });
  app.addHook('onResponse', async (request, reply) => {
    usage.count(request.caller?.name, `${request.method} ${patternOf(request)}`, reply.statusCode, reply.elapsedTime);
  });
}

/** `{name}` for parameters, as the documents write it. */
const patternOf = (request: FastifyRequest): string => request.routeOptions.url?.replaceAll(/:(\w+)/g, '{$1}') ?? 'unknown';

export const isLoopback = (host: string): boolean => /^(localhost|127(\.\d+){3}|\[?::1\]?)$/i.test(host);

function tokenOf(request: FastifyRequest): string | undefined {
  const bearer = /^Bearer\s+(\S+)\s*$/i.exec(request.headers.authorization ?? '')?.[1];
  const key = request.headers['x-api-key'];
  const { token } = request.query as Record<string, unknown>;
  return bearer ?? (typeof key === 'string' ? key : undefined) ?? (typeof token === 'string' ? token : undefined);
}

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

/** A path that is there answers OPTIONS, and says which methods it takes. */
function answerOtherMethods(app: FastifyInstance, routes: Routes): void {
  const made = Array.from(routes, ([url, taken]): [string, Set<string>] => [url, new Set(taken)]);
  for (const [url, taken] of made) {
    const allowed = [...taken, 'OPTIONS'].join(', ');
    app.route({
      method: methods.filter((method) => !taken.has(method)),
      url,
      handler: async (request, reply) => {
        reply.header('allow', allowed);
        if (request.method === 'OPTIONS') return reply.code(204).send();
        throw new WattduckError('no_method', `${request.method} is not for ${request.routeOptions.url}`, `It takes ${allowed}.`);
      },
    });
  }
}

function answerFaults(app: FastifyInstance, { io }: Parts, routes: Routes): void {
  app.setNotFoundHandler(async (request) => {
    const path = request.url.split('?')[0]!;
    const known = [...routes.keys()].map((url) => url.replaceAll(/:(\w+)/g, '{$1}'));
    const near = suggest(path, known);
    throw new WattduckError('not_found', `no route ${path}`, near.startsWith('Did') ? near : 'See / for all there are.');
  });
  app.setErrorHandler((error, request, reply) => {
    const protocol = protocolOf(request.url);
    const fault = expected(error);
    if (fault) return answer(fault, protocol);
    // What we did not foresee is ours to mend: its trace goes to the terminal, not to the client.
    io.stderr.write(`error: unexpected, in ${request.method} ${patternOf(request)}: ${(error as Error).stack ?? String(error)}\n`);
    return reply.code(500).send(bodyOf(new WattduckError('failed', 'something went wrong here', 'The server\'s own output says more.'), protocol));

    function answer(known: WattduckError, of: Protocol): unknown {
      const status = statusOf(known, of);
      if (status === 401) reply.header('www-authenticate', 'Bearer');
      return reply.code(status).type('application/json; charset=utf-8').send(bodyOf(known, of));
    }
  });
}

function expected(error: unknown): WattduckError | undefined {
  const fault = duckdbFault(error, 'the database');
  return fault instanceof WattduckError ? fault : clientFault(error as Parameters<typeof clientFault>[0]);
}
