import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import type { Source } from '../../catalog/definitions.ts';
import { WattduckError } from '../../errors/wattduck-error.ts';
import { clearSource } from '../../ingest/ingest-log.ts';
import { clickhouseType, estimateBytes } from '../../reports/document.ts';
import { findNearest } from '../../text/names.ts';
import { clipped } from '../../text/plain-text.ts';
import { toUserError } from '../../warehouse/duckdb-errors.ts';
import { literal, type DuckDb } from '../../warehouse/duckdb.ts';
import { databaseTable } from '../../warehouse/tables.ts';
import type { Row } from '../../warehouse/values.ts';
import type { ServerContext } from '../context.ts';
import { withDeadline } from '../http/deadline.ts';
import { countMatching, deleteMatching, parseCondition } from './delete-rows.ts';

/** Work that was done, as clients ask for it afterwards. */
interface Job extends Row {
  id: string;
  job_id: string;
  kind: 'delete_data';
  status: 'done';
}

/** Jobs that are still told of; the oldest go first. */
const maxJobs = 1000;

/** What there is of each source, and emptying or thinning it. */
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
    // The condition is checked against the columns of the file, which must be readable for that.
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
    if (!job)
      throw new WattduckError(
        'not_found',
        clipped`no job ${id}`,
        'Those done before the server was started are no longer known.',
      );
    return job;
  });
}

function findSource(sources: readonly Source[], name: string): Source {
  const source = sources.find((each) => each.name === name);
  if (source) return source;
  const suggestion = findNearest(
    name,
    sources.map((each) => each.name),
  );
  throw new WattduckError(
    'not_found',
    clipped`Data Source "${name}" does not exist`,
    suggestion === undefined ? undefined : clipped`Did you mean ${suggestion}?`,
  );
}

/** A source as clients of the hosted service read it; its bytes are those its values would have in memory. */
async function describeSource(duckdb: DuckDb, source: Source): Promise<Row> {
  const { name, title, description } = source;
  const existingColumns = await duckdb.tableColumns(name, 'db');
  const { n } =
    existingColumns.length === 0 ? { n: 0 } : await duckdb.row(`select count(*) as n from ${databaseTable(name)}`);
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
    statistics: { row_count: Number(n), bytes: estimateBytes(existingColumns, Number(n)) },
    quarantine_rows: Number(rejected),
    created_at: first ?? null,
    updated_at: last ?? null,
  };
}

const formatTimestamp = (at: Date): string => at.toISOString().slice(0, 19).replace('T', ' ');

const knownFields = ['delete_condition', 'dry_run'];

/** What of a delete stands in its form, or its URL. */
function readDeleteRequest({ body, query }: FastifyRequest): { text: string; isDryRun: boolean } {
  const params = { ...(query as Record<string, unknown>), ...(body as Record<string, unknown> | undefined) };
  const unknown = Object.keys((body ?? {}) as object).find((name) => !knownFields.includes(name));
  if (unknown !== undefined)
    throw new WattduckError('usage', clipped`unknown field ${unknown}`, `Known: ${knownFields.join(', ')}.`);
  const { delete_condition: text = '', dry_run: dryRun = 'false' } = params;
  if (typeof text !== 'string')
    throw new WattduckError('usage', 'delete_condition is no single text', 'Give one condition.');
  if (!/^(true|false)$/.test(String(dryRun)))
    throw new WattduckError('usage', clipped`dry_run: "${String(dryRun)}" is neither true nor false`);
  return { text, isDryRun: String(dryRun) === 'true' };
}

/** Work that is broken off when its time is up, with faults of a condition in a client's words. */
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
