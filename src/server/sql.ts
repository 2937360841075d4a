import type { FastifyInstance } from 'fastify';
import type { Parts } from './app.ts';

/** Selects of one's own. */
export async function addSql(_app: FastifyInstance, _parts: Parts): Promise<void> {}
