import type { FastifyInstance } from 'fastify';
import type { Parts } from './app.ts';

/** Files of a source. */
export async function addUploads(_app: FastifyInstance, _parts: Parts): Promise<void> {}
