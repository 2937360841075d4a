import type { FastifyInstance } from 'fastify';
import type { ServerContext } from '../context.ts';
import { addDatasources } from './datasources.ts';
import { addEvents } from './events.ts';
import { addSql } from './sql.ts';
import { addUploads } from './uploads.ts';

/** Routes for ingest, data sources and SQL, compatible with the hosted service. */
export async function addTinybird(app: FastifyInstance, context: ServerContext): Promise<void> {
  await addEvents(app, context);
  await addUploads(app, context);
  await addDatasources(app, context);
  await addSql(app, context);
}
