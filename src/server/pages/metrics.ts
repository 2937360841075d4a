import { stat } from 'node:fs/promises';
import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { packageVersion } from '../../paths.ts';
import { bytesOf, readManifest } from '../../warehouse/parquet-folder/manifest.ts';
import { isFolderPath } from '../../warehouse/parquet-folder/open-folder.ts';
import type { ServerContext } from '../context.ts';
import { routeOf } from '../http/route-pattern.ts';

/** Measures every request, and adds the route for Prometheus. Call it before adding other routes. */
export function addMetrics(
  app: FastifyInstance,
  { owner, responder }: Pick<ServerContext, 'owner' | 'responder'>,
): void {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

  const requests = new Counter({
    name: 'http_requests_total',
    help: 'Number of responses',
    labelNames: ['method', 'route', 'status'],
    registers,
  });
  const durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from a request to the end of its response',
    labelNames: ['method', 'route'],
    buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers,
  });
  app.addHook('onResponse', (request, reply, done) => {
    const [method, route] = [request.method, routeOf(request)];
    requests.inc({ method, route, status: reply.statusCode });
    durations.observe({ method, route }, reply.elapsedTime / 1000);
    done();
  });

  new Gauge({ name: 'wattduck_build_info', help: 'Version of wattduck', labelNames: ['version'], registers }).set(
    { version: packageVersion },
    1,
  );
  new Counter({
    name: 'wattduck_answers_total',
    help: 'Report responses, from memory or computed',
    labelNames: ['from'],
    registers,
    collect() {
      this.reset();
      this.inc({ from: 'memory' }, responder.counts.kept);
      this.inc({ from: 'query' }, responder.counts.computed);
    },
  });
  new Gauge({
    name: 'wattduck_queries',
    help: 'Queries that run, and that wait',
    labelNames: ['state'],
    registers,
    collect() {
      this.set({ state: 'running' }, owner.queries.running);
      this.set({ state: 'waiting' }, owner.queries.waiting);
    },
  });
  new Counter({
    name: 'wattduck_ingested_rows_total',
    help: 'Rows read, by source and outcome',
    labelNames: ['source', 'outcome'],
    registers,
    async collect() {
      const rows = await owner.systemConnection
        .rows(`select source, sum(rows_new)::bigint as new, sum(rows_updated)::bigint as updated,
        sum(rows_unchanged)::bigint as unchanged, sum(rows_superseded)::bigint as superseded,
        sum(rows_quarantined)::bigint as quarantined, sum(rows_skipped)::bigint as skipped from ingests group by source`);
      this.reset();
      for (const { source, ...outcomes } of rows)
        for (const [outcome, n] of Object.entries(outcomes)) this.inc({ source: String(source), outcome }, Number(n));
    },
  });
  new Gauge({
    name: 'wattduck_database_bytes',
    help: 'Size of the database file and of its write-ahead log, or of the files of a Parquet folder',
    labelNames: ['file'],
    registers,
    async collect() {
      const [database, log] = await databaseBytes(owner.path);
      this.set({ file: 'database' }, database);
      this.set({ file: 'log' }, log);
    },
  });

  app.get('/metrics', { config: { scope: 'read' } }, async (_, reply) =>
    reply.type(registry.contentType).send(await registry.metrics()),
  );
}

/** Bytes of the database and of its write-ahead log; 0 for what cannot be read. */
async function databaseBytes(path: string): Promise<[number, number]> {
  const orZero = (bytes: Promise<number>): Promise<number> => bytes.catch(() => 0);
  if (isFolderPath(path)) return [await orZero(readManifest(path).then(bytesOf)), 0];
  const sizeOf = async (file: string): Promise<number> => (await stat(file)).size;
  return Promise.all([orZero(sizeOf(path)), orZero(sizeOf(`${path}.wal`))]);
}
