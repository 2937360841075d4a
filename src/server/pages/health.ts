import type { FastifyInstance } from 'fastify';
import type { ServerContext } from '../context.ts';

/** Whether the server lives, and is ready to answer; one that is ending answers 503 by itself. */
export function addHealth(app: FastifyInstance, { owner }: Pick<ServerContext, 'owner'>): void {
  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get('/readyz', async (_, reply) => {
    try {
      owner.checkFile();
      await owner.systemConnection.row('select version from schema_version');
      return { status: 'ready' };
    } catch {
      // The reason may tell of paths, and anybody may ask.
      return reply.code(503).send({ status: 'unreadable' });
    }
  });
}
