import type { FastifyInstance } from 'fastify';
import type { Parts } from './app.ts';

/** Ingest, data sources and SQL as the hosted service has them. */
export async function addTinybird(_app: FastifyInstance, _parts: Parts): Promise<void> {}
