import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { WattduckError } from '../../errors/wattduck-error.ts';
import { clipped } from '../../text/plain-text.ts';
import { answerPreflight } from '../access/cors.ts';
import type { Routes } from '../context.ts';
import { routeOf } from './route-pattern.ts';

export const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

/** A path that is there answers OPTIONS, and says which methods it takes. */
export function handleOtherMethods(app: FastifyInstance, routes: Routes): void {
  for (const [url, routeMethods] of routes) {
    const allowed = [...routeMethods, 'OPTIONS'].join(', ');
    const handler = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
      reply.header('allow', allowed);
      answerPreflight(request, reply, allowed);
      if (request.method === 'OPTIONS') return reply.code(204).send();
      throw new WattduckError(
        'method_not_allowed',
        clipped`${request.method} is not for ${routeOf(request)}`,
        `It takes ${allowed}.`,
      );
    };
    // Before the body is read, whatever it is.
    app.route({ method: methods.filter((method) => !routeMethods.has(method)), url, onRequest: handler, handler });
  }
}
