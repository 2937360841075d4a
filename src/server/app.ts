import type { Socket } from 'node:net';
import formbody from '@fastify/formbody';
import Fastify, { type FastifyInstance } from 'fastify';
import { checkAccess, guard } from './access/auth-hooks.ts';
import { Cors } from './access/cors.ts';
import { isLoopback } from './access/host.ts';
import { Usage } from './access/request-log.ts';
import { Tokens } from './access/tokens.ts';
import { addActions } from './analytics/acknowledge.ts';
import { largestBody, type Access, type Parts, type Routes, type Serving } from './context.ts';
import { refuseUnread } from './http/client-error.ts';
import { answerFaults, sendFault } from './http/error-handler.ts';
import { clientFault } from './http/error-responses.ts';
import { answerOtherMethods } from './http/methods.ts';
import { addHealth } from './pages/health.ts';
import { addMetrics } from './pages/metrics.ts';
import { addPages } from './pages/routes.ts';
import { Answers } from './reports/response-cache.ts';
import { addReports } from './reports/routes.ts';
import { addTinybird } from './tinybird/index.ts';

/** Milliseconds a client may take to send the head of a request; a large file may take longer. */
const longestHead = 30_000;

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

function keepRoutes(app: FastifyInstance): Routes {
  const routes = new Map<string, ReadonlySet<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    routes.set(url, new Set([...(routes.get(url) ?? []), ...[method].flat()]));
  });
  return routes;
}
