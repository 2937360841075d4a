import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import type { Source } from '../../catalog/definitions.ts';
import { WattduckError } from '../../errors/wattduck-error.ts';
import { clearSource } from '../../ingest/ingest-log.ts';
import { clickhouseType, estimateBytes } from '../../reports/document.ts';
import { toUserError } from '../../warehouse/duckdb-errors.ts';
import { literal, type DuckDb } from '../../warehouse/duckdb.ts';
import { countStored } from '../../warehouse/tables.ts';
import type { Row } from '../../warehouse/values.ts';
import type { ServerContext } from '../context.ts';
import { withDeadline } from '../http/deadline.ts';
import { countMatching, deleteMatching, parseCondition } from './delete-rows.ts';
import { findSource } from './find-source.ts';

/** A finished deletion, as clients poll it. */
interface Job extends Row {
  id: string;
  job_id: string;
  kind: 'delete_data';
  status: 'done';
}

/** Max jobs kept; the oldest are dropped first. */
const maxJobs = 1000;

/** Routes that describe data sources, empty them, and delete rows. */
export async function addDatasources(app: FastifyInstance, context: ServerContext): Promise<void> {
  const { owner, io } = context;
  const sources = await owner.catalog.sources();
  const jobs = new LRUCache<string, Job>({ max: maxJobs });
  const requestedSource = (request: FastifyRequest): Source =>
    findSource(sources, (request.params as { name: string }).name);

  app.get('/v0/datasources', { config: { scope: 'read' } }, async (request) =>
    withRequestDeadline(context, request, (signal) =>
      owner.read(async (duckdb) => {
        const datasources: Row[] = [];
        for (const source of sources) datasources.push(await describeSource(duckdb, source));
        return { datasources };
      }, signal),
    ),
  );

  app.get('/v0/datasources/:name', { config: { scope: 'read' } }, async (request) => {
    const source = requestedSource(request);
    return withRequestDeadline(context, request, (signal) =>
      owner.read((duckdb) => describeSource(duckdb, source), signal),
    );
  });

  app.post('/v0/datasources/:name/truncate', { config: { scope: 'admin' } }, async (request) => {
    const source = requestedSource(request);
    await owner.write((duckdb) =>
      duckdb.withWriteLock(() => duckdb.transaction(() => clearSource(duckdb, source.name))),
    );
    return { status: 'done' };
  });

  app.post('/v0/datasources/:name/delete', { config: { scope: 'admin' } }, async (request) => {
    const source = requestedSource(request);
    const { text, isDryRun } = readDeleteRequest(request);
    // Checking the condition reads the columns of the database.
    owner.checkFile();
    const condition = await parseCondition(owner.systemConnection, source, text);
    if (isDryRun) {
      const count = await withRequestDeadline(context, request, (signal) =>
        owner.read((duckdb) => countMatching(duckdb, owner.catalog, condition, owner.redact), signal),
      );
      return { rows_to_be_deleted: count };
    }
    const startedAt = formatTimestamp(io.now());
    const count = await withRequestDeadline(context, request, (signal) =>
      owner.write((duckdb) =>
        interruptOnAbort(duckdb, signal, () => deleteMatching(duckdb, owner.catalog, condition, owner.redact)),
      ),
    );
    const id = randomUUID();
    const url = `${request.protocol}://${request.host}/v0/jobs/${id}`;
    const job: Job = {
      kind: 'delete_data',
      id,
      job_id: id,
      delete_id: id,
      status: 'done',
      job_url: url,
      created_at: startedAt,
      started_at: startedAt,
      updated_at: formatTimestamp(io.now()),
      is_cancellable: false,
      datasource: { id: source.name, name: source.name },
      delete_condition: text,
      rows_affected: count,
    };
    jobs.set(id, job);
    return { id, job_id: id, job_url: url, job, status: 'done', delete_id: id, rows_affected: count };
  });

  app.get('/v0/jobs/:id', { config: { scope: 'admin' } }, async (request) => {
    const { id } = request.params as { id: string };
    const job = jobs.get(id);
    if (!job) throw new WattduckError('job_not_found', { id });
    return job;
  });
}

/** A source in the form of the hosted service; `bytes` is an estimate of its size in memory. */
async function describeSource(duckdb: DuckDb, source: Source): Promise<Row> {
  const { name, title, description } = source;
  const existingColumns = await duckdb.tableColumns(name, 'db');
  const rows = await countStored(duckdb, name);
  const sourceFilter = `where source = ${literal(name)}`;
  const { rejected } = await duckdb.row(`select count(*) as rejected from quarantine ${sourceFilter}`);
  const { first, last } = await duckdb.row(
    `select min(ingested_at) as first, max(ingested_at) as last from ingests ${sourceFilter}`,
  );
  return {
    id: name,
    name,
    description: `${title}. ${description}`,
    type: 'csv',
    columns: source.columns.map((column) => ({
      name: column.name,
      type: clickhouseType({ type: column.type, nullable: !column.required }),
      nullable: !column.required,
      normalized_name: column.name,
      description: column.description,
    })),
    duckdb: { duckdb: 'ReplacingMergeTree', sorting_key: source.key.join(', '), ver: source.version },
    statistics: { row_count: rows, bytes: estimateBytes(existingColumns, rows) },
    quarantine_rows: Number(rejected),
    created_at: first ?? null,
    updated_at: last ?? null,
  };
}

const formatTimestamp = (at: Date): string => at.toISOString().slice(0, 19).replace('T', ' ');

const knownFields = ['delete_condition', 'dry_run'];

/** The condition and mode of a deletion, from form and URL. */
function readDeleteRequest({ body, query }: FastifyRequest): { text: string; isDryRun: boolean } {
  const params = { ...(query as Record<string, unknown>), ...(body as Record<string, unknown> | undefined) };
  const unknown = Object.keys((body ?? {}) as object).find((name) => !knownFields.includes(name));
  if (unknown !== undefined)
    throw new WattduckError('unknown_form_field', { name: unknown, known: knownFields.join(', ') });
  const { delete_condition: text = '', dry_run: dryRun = 'false' } = params;
  if (typeof text !== 'string') throw new WattduckError('delete_condition_not_string');
  if (!/^(true|false)$/.test(String(dryRun)))
    throw new WattduckError('invalid_query_value', {
      name: 'dry_run',
      value: dryRun,
      suggestion: 'Accepted: true, false.',
    });
  return { text, isDryRun: String(dryRun) === 'true' };
}

/** Runs work until the deadline; errors of the condition are reported as usage errors. */
async function withRequestDeadline<T>(
  { seconds }: ServerContext,
  request: FastifyRequest,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  try {
    return await withDeadline(request, seconds, ({ signal }) => work(signal));
  } catch (error) {
    throw toUserError(error);
  }
}

async function interruptOnAbort<T>(duckdb: DuckDb, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const interrupt = (): void => duckdb.interrupt();
  signal.addEventListener('abort', interrupt, { once: true });
  try {
    return await work();
  } finally {
    signal.removeEventListener('abort', interrupt);
    duckdb.clearInterrupt();
  }
}
