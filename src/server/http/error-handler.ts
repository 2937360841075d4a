import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { WattduckError } from '../../errors/wattduck-error.ts';
import { suggest } from '../../text/names.ts';
import { clipMessage } from '../../text/plain-text.ts';
import { duckdbError, isStatementError, shortMessage } from '../../warehouse/duckdb-errors.ts';
import { endpointOf } from '../access/auth-hooks.ts';
import { tokenOf } from '../access/auth.ts';
import { acceptsHtml } from '../access/page-access.ts';
import type { Routes, ServerContext } from '../context.ts';
import { errorPage } from '../pages/error-page.ts';
import { publicFrame } from '../pages/frame.ts';
import { bodyOf, pathOf, protocolOf, statusOf, toClientError } from './error-responses.ts';
import { methods } from './methods.ts';
import { toOpenApiPath } from './route-pattern.ts';

/** Max characters of a path that is compared with known routes. */
const maxPathLength = 200;

/** Answers unknown routes and errors, each as the protocol of its route expects. */
export function addErrorHandlers(app: FastifyInstance, { io, tokens }: ServerContext, routes: Routes): void {
  app.setNotFoundHandler(async (request, reply) => {
    if (!methods.some((method) => method === request.method)) {
      reply.header('allow', methods.join(', '));
      throw new WattduckError('method_not_supported', { method: request.method, methods: methods.join(', ') });
    }
    const path = pathOf(request.url).slice(0, maxPathLength);
    const knownPaths = [...routes.keys()].map(toOpenApiPath);
    // Clients without a valid token see no route names.
    const suggestion = await tokens.callerOf(tokenOf(request)).then(
      () => suggest(path, knownPaths),
      () => '',
    );
    throw new WattduckError('route_not_found', {
      path,
      suggestion: suggestion.startsWith('Did') ? suggestion : 'See / for all reports.',
    });
  });
  app.setErrorHandler((error, request, reply) => {
    const normalized = duckdbError(error, 'the database');
    if (normalized instanceof WattduckError) return sendError(normalized, request, reply);
    if (isStatementError(normalized)) {
      // Not a 5xx: clients would retry a query that fails each time.
      io.stderr.write(`error: in ${endpointOf(request)}: ${clipMessage(normalized.message)}\n`);
      return sendError(new WattduckError('query_failed', { reason: shortMessage(normalized) }), request, reply);
    }
    const clientError = toClientError(normalized as Parameters<typeof toClientError>[0]);
    if (clientError) return sendError(clientError, request, reply);
    // A bug: the stack trace goes to the terminal, not to the client.
    io.stderr.write(
      `error: unexpected, in ${endpointOf(request)}: ${(normalized as Error).stack ?? String(normalized)}\n`,
    );
    return sendError(normalized, request, reply);
  });
}

/** Sends an error in the form of the route's protocol. */
export function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const protocol = protocolOf(request.url);
  const [status, body] =
    error instanceof WattduckError
      ? [statusOf(error, protocol), bodyOf(error, protocol)]
      : [500, bodyOf(internalError, protocol, 500)];
  if (status === 401) reply.header('www-authenticate', 'Bearer');
  if (isPageRequest(request)) {
    const shown = error instanceof WattduckError ? error : internalError;
    return reply
      .code(status)
      .type('text/html; charset=utf-8')
      .send(errorPage(publicFrame('/error'), shown, status));
  }
  return reply.code(status).type('application/json; charset=utf-8').send(JSON.stringify(body));
}

/** Whether a browser asks for a page, or for an address that no route has. */
const isPageRequest = (request: FastifyRequest): boolean =>
  acceptsHtml(request) &&
  (request.routeOptions.config.isPage === true ||
    (request.routeOptions.url === undefined && !/^\/(v0|api|charging-events)\//.test(pathOf(request.url))));

const internalError = new WattduckError('internal_error');
