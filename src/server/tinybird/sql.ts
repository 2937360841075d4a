import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { NamedType } from '../../catalog/catalog-database.ts';
import { stripTrailingSemicolon } from '../../catalog/sql-text.ts';
import { WattduckError } from '../../errors/wattduck-error.ts';
import { toNdjson } from '../../render/output-formats.ts';
import { parquetFile } from '../../render/parquet-file.ts';
import { csvText } from '../../render/write-stream.ts';
import { clickhouseType, estimateBytes, framedText, metaOf } from '../../reports/document.ts';
import { estimateRowsRead } from '../../reports/run-report.ts';
import { toUserError } from '../../warehouse/duckdb-errors.ts';
import { identifier, type DuckDb } from '../../warehouse/duckdb.ts';
import { quarantineTable } from '../../warehouse/quarantine-tables.ts';
import { outOfMemoryError, withMemoryGuard } from '../../warehouse/user-sql/memory-guard.ts';
import { checkLength } from '../../warehouse/user-sql/parse.ts';
import { validateSelect, type ValidatedSelect } from '../../warehouse/user-sql/user-select.ts';
import type { Row } from '../../warehouse/values.ts';
import type { ServerContext } from '../context.ts';
import { withDeadline } from '../http/deadline.ts';
import { isTrackingParam } from '../http/query-params.ts';
import { countRows, mediaTypes } from '../reports/formats.ts';
import { bufferStart, respond } from '../reports/response-cache.ts';

/** Formats of a trailing FORMAT clause, in lower case, with the response format of each. */
const statementFormats = {
  json: 'json',
  jsoneachrow: 'ndjson',
  ndjson: 'ndjson',
  csv: 'csv',
  csvwithnames: 'csvwithnames',
  parquet: 'parquet',
} as const;
type SelectFormat = keyof typeof statementFormats;

/** The SQL route: read-only selects. */
export async function addSql(app: FastifyInstance, context: ServerContext): Promise<void> {
  await app.register(async (scope) => {
    // The body may be plain SQL, whatever the Content-Type.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'string' }, (_, body, done) => done(null, body));
    const handle = (request: FastifyRequest, reply: FastifyReply): Promise<unknown> =>
      runSelect(request, reply, context);
    scope.get('/v0/sql', { config: { scope: 'sql' } }, handle);
    scope.post('/v0/sql', { config: { scope: 'sql' } }, handle);
  });
}

async function runSelect(
  request: FastifyRequest,
  reply: FastifyReply,
  { owner, seconds }: ServerContext,
): Promise<unknown> {
  const { sql, format } = parseStatement(readStatement(request));
  const sources = await owner.catalog.sources();
  const tables = [...sources.map(({ name }) => name), ...sources.map(quarantineTable)];
  try {
    await withDeadline(request, seconds, (deadline) => {
      const controller = new AbortController();
      const signal = AbortSignal.any([deadline.signal, controller.signal]);
      return owner.read(
        (duckdb) =>
          withMemoryGuard(
            duckdb,
            () => controller.abort(outOfMemoryError()),
            async () => {
              const select = await validateSelect(duckdb, sql, { tables, sources });
              const { body, rest } = await bufferStart(
                selectChunks(duckdb, select, format, (count) => void (request.rows = (request.rows ?? 0) + count)),
              );
              reply.type(mediaTypes[statementFormats[format]]);
              // Unlike a report, a steady stream of rows does not extend the deadline.
              return respond(request, reply, { body, rest }, { ...deadline, signal, refresh: () => undefined });
            },
          ),
        signal,
      );
    });
    return reply;
  } catch (error) {
    throw toUserError(error);
  }
}

/** The result in chunks. */
async function* selectChunks(
  duckdb: DuckDb,
  { sql, tables }: ValidatedSelect,
  format: SelectFormat,
  onRows: (count: number) => void,
): AsyncGenerator<string | Buffer> {
  const started = performance.now();
  const described = (await duckdb.describeInFile(sql)).columns;
  const columns = uniqueNames(described);
  if (format === 'parquet') {
    const times = described
      .filter(isTime)
      .map(({ name }) => `date_trunc('second', ${identifier(name)}) as ${identifier(name)}`);
    const hasRepeatedNames = columns.some(({ name }, at) => name !== described[at]!.name);
    // A repeated name cannot be replaced.
    const source =
      times.length === 0 || hasRepeatedNames ? sql : `select * replace (${times.join(', ')}) from (${sql}\n)`;
    return yield* parquetFile(duckdb, (target) => duckdb.run(`copy (${source}\n) to ${target}`));
  }
  const chunks = wholeSeconds(
    countRows(duckdb.chunks(sql), onRows),
    columns.filter(isTime).map(({ name }) => name),
  );
  if (format === 'csv' || format === 'csvwithnames')
    return yield* csvText(columns, chunks, { header: format === 'csvwithnames' });
  if (format !== 'json') return yield* ndjsonText(columns, chunks);
  const after = async (rows: number): Promise<Row> => {
    const elapsed = (performance.now() - started) / 1000;
    const rowsRead = await estimateRowsRead(duckdb, tables);
    return { rows, statistics: { elapsed, rows_read: rowsRead, bytes_read: estimateBytes(columns, rowsRead) } };
  };
  yield* framedText({ before: { meta: metaOf(columns) }, key: 'data', record: (row) => row, after }, chunks);
}

async function* ndjsonText(columns: readonly NamedType[], chunks: AsyncIterable<Row[]>): AsyncGenerator<string> {
  for await (const rows of chunks) yield toNdjson(columns, rows);
}

const isTime = ({ type }: NamedType): boolean => clickhouseType({ type }) === 'DateTime';

/** Cuts fractions of seconds, which the type DateTime does not have. */
async function* wholeSeconds(chunks: AsyncIterable<Row[]>, columns: readonly string[]): AsyncGenerator<Row[]> {
  for await (const rows of chunks) {
    for (const row of rows)
      for (const name of columns) if (typeof row[name] === 'string') row[name] = row[name].replace(/\.\d+/, '');
    yield rows;
  }
}

/** Column names as in the rows: DuckDB numbers repeated names. */
function uniqueNames(columns: readonly NamedType[]): NamedType[] {
  const counts = new Map<string, number>();
  return columns.map(({ name, type }) => {
    const repeats = counts.get(name) ?? 0;
    counts.set(name, repeats + 1);
    return { name: repeats === 0 ? name : `${name}:${repeats}`, type };
  });
}

/** The statement from the URL or the body; the body may be plain text, a form or JSON. */
function readStatement({ query, body, headers }: FastifyRequest): string {
  const { q, ...others } = query as Record<string, unknown>;
  const unknownName = Object.keys(others).find((name) => !isTrackingParam(name));
  if (unknownName !== undefined)
    throw new WattduckError('unknown_query_parameter', { name: unknownName, suggestion: 'Known: q.' });
  const statements = [
    q,
    ...(typeof body === 'string' && body.trim() !== '' ? [statementInBody(body, headers['content-type'])] : []),
  ].filter((each) => each !== undefined);
  if (statements.length !== 1)
    throw new WattduckError(statements.length === 0 ? 'statement_required' : 'repeated_statement');
  const [statement] = statements;
  if (typeof statement !== 'string') throw new WattduckError('statement_not_string');
  return statement;
}

function statementInBody(body: string, type = ''): unknown {
  if (/^application\/json\b/i.test(type)) return statementInJson(body);
  // curl -d sends plain SQL with the type of a form.
  if (/^application\/x-www-form-urlencoded\b/i.test(type)) return new URLSearchParams(body).get('q') ?? body;
  return body;
}

function statementInJson(body: string): unknown {
  try {
    return (JSON.parse(body) as { q?: unknown } | null)?.q;
  } catch (error) {
    throw new WattduckError('statement_not_json', {}, error);
  }
}

/** Splits a statement from its trailing FORMAT clause and semicolons. */
function parseStatement(statement: string): { sql: string; format: SelectFormat } {
  checkLength(statement);
  const text = trimSemicolons(statement);
  // Only the end is searched: on a long run of blanks the pattern would take quadratic time.
  const match = /[\s;]+format\s+(\w+)$/i.exec(text.slice(-60));
  const format = match?.[1]?.toLowerCase() as SelectFormat | undefined;
  if (!match || format === undefined || !Object.hasOwn(statementFormats, format))
    return { sql: stripTrailingSemicolon(statement).trim(), format: 'json' };
  return { sql: stripTrailingSemicolon(trimSemicolons(text.slice(0, -match[0].length))).trim(), format };
}

function trimSemicolons(statement: string): string {
  let text = statement.trimEnd();
  while (text.endsWith(';')) text = text.slice(0, -1).trimEnd();
  return text;
}
