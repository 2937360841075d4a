import type { FastifyInstance } from 'fastify';
import type { Parts } from './app.ts';

/** What there is of each source, and emptying or thinning it. */
export async function addDatasources(_app: FastifyInstance, _parts: Parts): Promise<void> {}
