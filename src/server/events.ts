import type { FastifyInstance } from 'fastify';
import type { Parts } from './app.ts';

/** Rows of a source as JSON. */
export async function addEvents(_app: FastifyInstance, _parts: Parts): Promise<void> {}
