import type { FastifyInstance } from 'fastify';
import type { ServerContext } from '../context.ts';

/** Liveness and readiness checks. While shutting down, Fastify itself answers 503. */
export function addHealth(app: FastifyInstance, { owner }: Pick<ServerContext, 'owner'>): void {
  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get('/readyz', async (_, reply) => {
    try {
      owner.checkFile();
      await owner.systemConnection.row('select version from schema_version');
      await owner.engine?.client.ping();
      return { status: 'ready' };
    } catch {
      // The reason may contain paths, and this route is public.
      return reply.code(503).send({ status: 'unreadable' });
    }
  });
}
