import type { Socket } from 'node:net';
import formbody from '@fastify/formbody';
import Fastify, { type FastifyInstance } from 'fastify';
import { addAccessLog, createAccessLog, logAtEnd, withJsonMessages } from './access/access-log.ts';
import { WattduckError } from '../errors/wattduck-error.ts';
import { addAuthHooks, checkAccess } from './access/auth-hooks.ts';
import { Cors } from './access/cors.ts';
import { isLoopback } from './access/host.ts';
import { LoginLimit } from './access/login-limit.ts';
import { RequestLog } from './access/request-log.ts';
import { Sessions } from './access/sessions.ts';
import { Tokens } from './access/tokens.ts';
import { addActions } from './analytics/acknowledge.ts';
import { maxBodyBytes, type Access, type Routes, type ServerContext, type ServerOptions } from './context.ts';
import { handleClientError } from './http/client-error.ts';
import { addCompression } from './http/compression.ts';
import { addErrorHandlers, sendError } from './http/error-handler.ts';
import { toClientError } from './http/error-responses.ts';
import { handleOtherMethods } from './http/methods.ts';
import { addLogin } from './pages/login.ts';
import { addHealth } from './pages/health.ts';
import { addMetrics } from './pages/metrics.ts';
import { PageStore } from './pages/page-store.ts';
import { addReportPages } from './pages/report-pages.ts';
import { addPages } from './pages/routes.ts';
import { ReportResponder } from './reports/response-cache.ts';
import { addReportRoutes } from './reports/routes.ts';
import { plainLine } from '../text/plain-text.ts';
import { addTinybird } from './tinybird/index.ts';

/** Milliseconds a client has to send the request headers; the body may take longer. */
const headersTimeoutMs = 30_000;

/** Builds the server with all its routes; it does not listen yet. */
export async function buildApp(
  options: ServerOptions,
): Promise<{ app: FastifyInstance; context: ServerContext; routes: Routes }> {
  const { owner, requestTimeout = 300_000, log = 'none' } = options;
  const logAccess = createAccessLog(log, options.io);
  const io = log === 'json' ? withJsonMessages(options.io) : options.io;
  const requestLog = await RequestLog.open(owner, io);
  const responder = new ReportResponder(owner, requestLog, {
    now: io.now,
    tz: options.tz,
    currency: options.currency,
    seconds: options.seconds,
  });
  const tokens = new Tokens(owner);
  const sessions = new Sessions(tokens, () => io.now());
  const loginLimit = new LoginLimit(() => io.now());
  const access: Access = { isLocal: isLoopback(options.host), cors: new Cors(options.cors ?? [], tokens) };
  const pages = new PageStore(options);
  const context: ServerContext = {
    ...options,
    io,
    reports: owner.reports,
    tokens,
    sessions,
    loginLimit,
    requestLog,
    responder,
    pages,
    access,
  };
  const app = Fastify({
    logger: false,
    bodyLimit: maxBodyBytes,
    requestTimeout,
    // A request without a Host header gets our own error.
    http: {
      connectionsCheckingInterval: Math.min(5000, requestTimeout),
      headersTimeout: Math.min(headersTimeoutMs, requestTimeout),
      requireHostHeader: false,
    },
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 1000 },
    forceCloseConnections: 'idle',
    clientErrorHandler: (error, socket) => {
      const status = handleClientError(error, socket);
      if (status !== undefined) logAccess({ method: undefined, route: 'unknown', status, milliseconds: 0 });
    },
    // Fastify's messages contain the whole URL, and with it the token.
    frameworkErrors: (error, request, reply) => {
      // They precede all hooks.
      logAtEnd(request, reply, logAccess);
      void checkAccess(request, reply, access).then(
        () => sendError(toClientError(error) ?? error, request, reply),
        (accessError: unknown) => sendError(accessError, request, reply),
      );
    },
  });
  app.server.on('connect', (_, socket) => handleClientError({}, socket as Socket));
  // An Expect header other than 100-continue is ignored.
  app.server.on('checkExpectation', (request, response) => void app.server.emit('request', request, response));
  const routes = collectRoutes(app);
  // Before the first await: routes keep the hooks and the error handler that exist then.
  addAccessLog(app, logAccess);
  // Before anything reads the data version.
  if (owner.isReadOnly)
    app.addHook('onRequest', () => owner.refresh((line) => void io.stderr.write(`${plainLine(line)}\n`)));
  addAuthHooks(app, context);
  addErrorHandlers(app, context, routes);
  if (context.owner.engine) rejectWrites(app);
  await addCompression(app);
  addMetrics(app, context);
  await app.register(formbody);
  addReportRoutes(app, context);
  await addActions(app, context);
  await addTinybird(app, context);
  addPages(app, context);
  addReportPages(app, context);
  addLogin(app, context);
  addHealth(app, context);
  const registeredRoutes: Routes = new Map(Array.from(routes, ([url, routeMethods]) => [url, new Set(routeMethods)]));
  handleOtherMethods(app, registeredRoutes);
  closeIdleOnShutdown(app);
  app.addHook('onClose', () => requestLog.close());
  return { app, context, routes: registeredRoutes };
}

/** Fastify closes only connections that are idle when shutdown starts. This closes the others after their last response. */
function closeIdleOnShutdown(app: FastifyInstance): void {
  let isClosing = false;
  app.addHook('preClose', async () => void (isClosing = true));
  app.addHook('onResponse', async ({ raw }) => {
    // Injected requests of tests have no socket.
    if (isClosing) raw.socket.destroySoon?.();
  });
}

/** Collects every route that is added from now on. */
function collectRoutes(app: FastifyInstance): Routes {
  const routes = new Map<string, ReadonlySet<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    routes.set(url, new Set([...(routes.get(url) ?? []), ...[method].flat()]));
  });
  return routes;
}

/** Rejects the routes that need the tables of the database file: imports, SQL and acknowledgements. */
function rejectWrites(app: FastifyInstance): void {
  // In onRequest, before the body is read.
  app.addHook('onRequest', async ({ routeOptions: { url = '' } }) => {
    if (!/^\/v0\/(?:events|datasources|sql|jobs)\b|\/acknowledge\b/.test(url)) return;
    throw new WattduckError('engine_not_supported', {
      subject: url,
      advice: 'Import into a database file, and copy it with `wattduck export --to`.',
    });
  });
}
