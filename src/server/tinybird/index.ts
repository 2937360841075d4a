import type { FastifyInstance } from 'fastify';
import type { Parts } from '../context.ts';
import { addDatasources } from './datasources.ts';
import { addEvents } from './events.ts';
import { addSql } from './sql.ts';
import { addUploads } from './uploads.ts';

/** Ingest, data sources and SQL as the hosted service has them. */
export async function addTinybird(app: FastifyInstance, parts: Parts): Promise<void> {
  await addEvents(app, parts);
  await addUploads(app, parts);
  await addDatasources(app, parts);
  await addSql(app, parts);
}
