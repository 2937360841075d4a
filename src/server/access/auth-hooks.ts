import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { WattduckError } from '../../errors/wattduck-error.ts';
import type { Access, ServerContext } from '../context.ts';
import { routeOf } from '../http/route-pattern.ts';
import { securityHeaders } from '../http/security-headers.ts';
import { requireScope } from './auth.ts';
import { checkSite } from './cross-site.ts';
import { checkHost } from './host.ts';
import { acceptsHtml, callerOf, redirectUrlToken, sendToLogin } from './page-access.ts';
import type { Caller } from './tokens.ts';
import { assertQuota, clientClosedRequest } from './request-log.ts';

/** Checks every request before its body is read, and logs it. */
export function addAuthHooks(app: FastifyInstance, context: ServerContext): void {
  const { access, requestLog } = context;
  app.decorateRequest('caller');
  app.decorateRequest('sessionId');
  app.decorateRequest('finish');
  app.addHook('onRequest', async (request, reply) => {
    await checkAccess(request, reply, access);
    checkEncoding(request.url);
    const { scope, isPage = false } = request.routeOptions.config;
    if (isPage && (await redirectUrlToken(request, reply, context))) return reply;
    if (scope === undefined) return;
    const caller = await callerOf(request, context).catch((error: unknown) => {
      if (isPage && acceptsHtml(request) && error instanceof WattduckError && error.kind === 'unauthorized') return;
      throw error;
    });
    if (!caller) return sendToLogin(request, reply);
    request.caller = caller;
    if (isCounted(request, caller)) {
      const quota = requestLog.takeQuota(caller);
      if (quota) {
        reply.headers({
          'x-ratelimit-limit': quota.limit,
          'x-ratelimit-remaining': Math.max(0, quota.remaining),
          'x-ratelimit-reset': quota.reset,
        });
        if (quota.remaining < 0) reply.header('retry-after', quota.reset);
        assertQuota(quota);
      }
      const finish = requestLog.startRequest(caller.name, endpointOf(request));
      request.finish = finish;
      reply.raw.once('close', () => finish(clientClosedRequest, reply.elapsedTime));
    }
    requireScope(caller, scope);
  });
  app.addHook('onResponse', async (request, reply) => {
    const { caller, finish, routeOptions } = request;
    if (finish) return finish(reply.statusCode, reply.elapsedTime);
    const { scope, isPage = false, isPagePart = false } = routeOptions.config;
    // Logins and health checks are not API usage; an unknown path may be.
    if (isPage || isPagePart) return;
    if (scope !== undefined || routeOptions.url === undefined)
      requestLog.recordRejected(caller?.name, endpointOf(request), reply.statusCode, reply.elapsedTime);
  });
}

/** A page counts as one request of its token, with all of its parts. Without tokens, pages are not API usage. */
function isCounted({ routeOptions, sessionId }: FastifyRequest, { name }: Caller): boolean {
  const { isPage = false, isPagePart = false } = routeOptions.config;
  if (isPagePart && sessionId !== undefined) return false;
  return name !== undefined || !(isPage || isPagePart);
}

/**
 * Sets the security headers, and checks where the request comes from.
 * @throws WattduckError for a request to another host, or from a page of another site
 */
export async function checkAccess(request: FastifyRequest, reply: FastifyReply, access: Access): Promise<void> {
  reply.headers(securityHeaders);
  checkHost(request, access.isLocal);
  await checkSite(request, reply, access);
}

/** Method and route pattern of a request, for example `GET /v0/pipes/{file}`. */
export const endpointOf = (request: FastifyRequest): string => `${request.method} ${routeOf(request)}`;

/** @throws WattduckError (malformed_url) */
function checkEncoding(url: string): void {
  try {
    decodeURIComponent(url);
  } catch {
    throw new WattduckError('malformed_url');
  }
}
