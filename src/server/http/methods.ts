import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { WattduckError } from '../../errors/wattduck-error.ts';
import { answerPreflight } from '../access/cors.ts';
import type { Routes } from '../context.ts';
import { routeOf } from './route-pattern.ts';

/** Methods the server knows. */
export const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

/** Answers OPTIONS on every route, and rejects methods a route does not have. */
export function handleOtherMethods(app: FastifyInstance, routes: Routes): void {
  for (const [url, routeMethods] of routes) {
    const allowed = [...routeMethods, 'OPTIONS'].join(', ');
    const handler = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
      reply.header('allow', allowed);
      answerPreflight(request, reply, allowed);
      if (request.method === 'OPTIONS') return reply.code(204).send();
      throw new WattduckError('method_not_allowed', {
        method: request.method,
        route: routeOf(request),
        methods: allowed,
      });
    };
    // In onRequest, before the body is read.
    app.route({ method: methods.filter((method) => !routeMethods.has(method)), url, onRequest: handler, handler });
  }
}
