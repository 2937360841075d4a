import type { FastifyInstance } from 'fastify';
import type { Parts } from './app.ts';

/** Whether the server lives, is ready to answer, and how it fares. */
export function addHealth(app: FastifyInstance, { owner }: Parts): void {
  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get('/readyz', async () => {
    await owner.aside.row('select 1');
    return { status: 'ready' };
  });
}
