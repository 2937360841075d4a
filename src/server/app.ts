import type { Socket } from 'node:net';
import formbody from '@fastify/formbody';
import Fastify, { type FastifyInstance } from 'fastify';
import { addAuthHooks, checkAccess } from './access/auth-hooks.ts';
import { Cors } from './access/cors.ts';
import { isLoopback } from './access/host.ts';
import { RequestLog } from './access/request-log.ts';
import { Tokens } from './access/tokens.ts';
import { addActions } from './analytics/acknowledge.ts';
import { maxBodyBytes, type Access, type Routes, type ServerContext, type ServerOptions } from './context.ts';
import { handleClientError } from './http/client-error.ts';
import { addErrorHandlers, sendError } from './http/error-handler.ts';
import { toClientError } from './http/error-responses.ts';
import { handleOtherMethods } from './http/methods.ts';
import { addHealth } from './pages/health.ts';
import { addMetrics } from './pages/metrics.ts';
import { addPages } from './pages/routes.ts';
import { ReportResponder } from './reports/response-cache.ts';
import { addReportRoutes } from './reports/routes.ts';
import { addTinybird } from './tinybird/index.ts';

/** Milliseconds a client may take to send the head of a request; a large file may take longer. */
const headersTimeoutMs = 30_000;

/** The whole server, ready to listen, with the routes it has. */
export async function buildApp(
  options: ServerOptions,
): Promise<{ app: FastifyInstance; context: ServerContext; routes: Routes }> {
  const { owner, io, requestTimeout = 300_000 } = options;
  const requestLog = await RequestLog.open(owner, io);
  const responder = new ReportResponder(owner, requestLog, { now: io.now, tz: options.tz, seconds: options.seconds });
  const tokens = new Tokens(owner);
  const access: Access = { isLocal: isLoopback(options.host), cors: new Cors(options.cors ?? [], tokens) };
  const context: ServerContext = { ...options, reports: owner.reports, tokens, requestLog, responder, access };
  const app = Fastify({
    logger: false,
    bodyLimit: maxBodyBytes,
    requestTimeout,
    // Clients that never end a request are looked for so often; one without a Host is refused in our own words.
    http: {
      connectionsCheckingInterval: Math.min(5000, requestTimeout),
      headersTimeout: Math.min(headersTimeoutMs, requestTimeout),
      requireHostHeader: false,
    },
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 1000 },
    forceCloseConnections: 'idle',
    clientErrorHandler: handleClientError,
    // The library's own words have the whole URL in them, and with it the token.
    frameworkErrors: (error, request, reply) =>
      void checkAccess(request, reply, access).then(
        () => sendError(toClientError(error) ?? error, request, reply),
        (accessError: unknown) => sendError(accessError, request, reply),
      ),
  });
  app.server.on('connect', (_, socket) => handleClientError({}, socket as Socket));
  // What a client expects beside being told to go on is passed over.
  app.server.on('checkExpectation', (request, response) => void app.server.emit('request', request, response));
  const routes = collectRoutes(app);
  // Before the first plugin is waited for: routes keep the hooks and the error handler they find then.
  addAuthHooks(app, context);
  addErrorHandlers(app, context, routes);
  addMetrics(app, context);
  await app.register(formbody);
  addReportRoutes(app, context);
  addActions(app, context);
  await addTinybird(app, context);
  addPages(app, context);
  addHealth(app, context);
  const registeredRoutes: Routes = new Map(Array.from(routes, ([url, routeMethods]) => [url, new Set(routeMethods)]));
  handleOtherMethods(app, registeredRoutes);
  closeIdleOnShutdown(app);
  app.addHook('onClose', () => requestLog.close());
  return { app, context, routes: registeredRoutes };
}

/** A server that ends closes connections that are idle then; those whose last request is only answered after that would keep it waiting. */
function closeIdleOnShutdown(app: FastifyInstance): void {
  let isEnding = false;
  app.addHook('preClose', async () => void (isEnding = true));
  app.addHook('onResponse', async ({ raw }) => {
    // What a test injects has no socket.
    if (isEnding) raw.socket.destroySoon?.();
  });
}

function collectRoutes(app: FastifyInstance): Routes {
  const routes = new Map<string, ReadonlySet<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    routes.set(url, new Set([...(routes.get(url) ?? []), ...[method].flat()]));
  });
  return routes;
}
