import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { WattduckError } from '../../errors.ts';
import type { Access, Parts } from '../context.ts';
import { badUrl } from '../http/error-responses.ts';
import { patternOf } from '../http/route-pattern.ts';
import { securityHeaders } from '../http/security-headers.ts';
import { requireScope, tokenOf } from './auth.ts';
import { checkSite } from './cross-site.ts';
import { checkHost } from './host.ts';
import { brokenOff, refuseBeyond } from './request-log.ts';

/** Who may pass, and what is written down of it. */
export function guard(app: FastifyInstance, { access, tokens, usage }: Parts): void {
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
export async function checkAccess(request: FastifyRequest, reply: FastifyReply, access: Access): Promise<void> {
  reply.headers(securityHeaders);
  checkHost(request, access.isLocal);
  await checkSite(request, reply, access);
}

export const endpointOf = (request: FastifyRequest): string => `${request.method} ${patternOf(request)}`;

/** @throws WattduckError (usage) where a URL's percent signs make no text */
function checkEncoding(url: string): void {
  try {
    decodeURIComponent(url);
  } catch {
    throw new WattduckError('usage', ...badUrl);
  }
}
