import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { NamedType } from '../../catalog/engine-view.ts';
import { stripTrailingSemicolon } from '../../catalog/frontmatter.ts';
import { WattduckError } from '../../errors.ts';
import { toNdjson } from '../../render/formats.ts';
import { csvText } from '../../render/stream.ts';
import { estimateBytes, framedText, metaOf } from '../../reports/document.ts';
import { estimateRowsRead } from '../../reports/run-report.ts';
import { clipped } from '../../text/plain-text.ts';
import type { DuckDb } from '../../warehouse/engine.ts';
import { toUserError } from '../../warehouse/faults.ts';
import { quarantineTable } from '../../warehouse/quarantine-tables.ts';
import { outOfMemoryError, withMemoryGuard } from '../../warehouse/user-sql/memory-guard.ts';
import { checkLength } from '../../warehouse/user-sql/parse.ts';
import { validateSelect, type ValidatedSelect } from '../../warehouse/user-sql/user-select.ts';
import type { Row } from '../../warehouse/values.ts';
import type { Parts } from '../context.ts';
import { inTime } from '../http/deadline.ts';
import { isTag } from '../http/query-params.ts';
import { endings, parquetFile } from '../reports/formats.ts';
import { beginning, respond } from '../reports/response-cache.ts';

/** Formats a statement may ask for, in lower case, with the ending a report has for the same. */
const formats = {
  json: 'json',
  jsoneachrow: 'ndjson',
  ndjson: 'ndjson',
  csv: 'csv',
  csvwithnames: 'csvwithnames',
  parquet: 'parquet',
} as const;
type Format = keyof typeof formats;

/** Selects of one's own. */
export async function addSql(app: FastifyInstance, parts: Parts): Promise<void> {
  await app.register(async (scope) => {
    // A statement may come as it is, whatever the client calls it.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'string' }, (_, body, done) => done(null, body));
    const handle = (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => answer(request, reply, parts);
    scope.get('/v0/sql', { config: { scope: 'sql' } }, handle);
    scope.post('/v0/sql', { config: { scope: 'sql' } }, handle);
  });
}

async function answer(request: FastifyRequest, reply: FastifyReply, { owner, seconds }: Parts): Promise<unknown> {
  const { sql, format } = asked(statementIn(request));
  const sources = await owner.catalog.sources();
  const tables = [...sources.map(({ name }) => name), ...sources.map(quarantineTable)];
  try {
    await inTime(request, seconds, (deadline) => {
      const stop = new AbortController();
      const signal = AbortSignal.any([deadline.signal, stop.signal]);
      return owner.read(
        (engine) =>
          withMemoryGuard(
            engine,
            () => stop.abort(outOfMemoryError()),
            async () => {
              const select = await validateSelect(engine, sql, { tables, sources });
              const { body, rest } = await beginning(piecesOf(engine, select, format));
              reply.type(endings[formats[format]]);
              // Rows that come all the time do not make the time longer.
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

/** The answer piece by piece, as its rows come. */
async function* piecesOf(
  engine: DuckDb,
  { sql, tables }: ValidatedSelect,
  format: Format,
): AsyncGenerator<string | Buffer> {
  if (format === 'parquet') return yield* parquetFile(engine, (target) => engine.run(`copy (${sql}\n) to ${target}`));
  const started = performance.now();
  const columns = asAnswered((await engine.describeInFile(sql)).columns);
  const chunks = engine.chunks(sql);
  if (format === 'csv' || format === 'csvwithnames')
    return yield* csvText(columns, chunks, { header: format === 'csvwithnames' });
  if (format !== 'json') return yield* ndjsonText(columns, chunks);
  const after = async (rows: number): Promise<Row> => {
    const elapsed = (performance.now() - started) / 1000;
    const read = await estimateRowsRead(engine, tables);
    return { rows, statistics: { elapsed, rows_read: read, bytes_read: estimateBytes(columns, read) } };
  };
  yield* framedText({ before: { meta: metaOf(columns) }, key: 'data', record: (row) => row, after }, chunks);
}

async function* ndjsonText(columns: readonly NamedType[], chunks: AsyncIterable<Row[]>): AsyncGenerator<string> {
  for await (const rows of chunks) yield toNdjson(columns, rows);
}

/** The columns under the names they have in the rows: a name that comes again has a number. */
function asAnswered(columns: readonly NamedType[]): NamedType[] {
  const seen = new Map<string, number>();
  return columns.map(({ name, type }) => {
    const before = seen.get(name) ?? 0;
    seen.set(name, before + 1);
    return { name: before === 0 ? name : `${name}:${before}`, type };
  });
}

/** The statement as the URL has it, or the body: by itself, as a form or as JSON. */
function statementIn({ query, body, headers }: FastifyRequest): string {
  const { q, ...others } = query as Record<string, unknown>;
  const unknown = Object.keys(others).find((name) => !isTag(name));
  if (unknown !== undefined)
    throw new WattduckError('usage', clipped`unknown parameter ${unknown}`, 'Only q is known.');
  const statements = [
    q,
    ...(typeof body === 'string' && body.trim() !== '' ? [inBody(body, headers['content-type'])] : []),
  ].filter((each) => each !== undefined);
  if (statements.length !== 1)
    throw new WattduckError(
      'usage',
      clipped`${statements.length === 0 ? 'no' : 'more than one'} statement`,
      'Give it as q, or as the body of a POST.',
    );
  const [statement] = statements;
  if (typeof statement !== 'string') throw new WattduckError('usage', 'q is no single text', 'Give one select.');
  return statement;
}

function inBody(body: string, type = ''): unknown {
  if (/^application\/json\b/i.test(type)) return jsonOf(body);
  // Clients call a statement a form that is none.
  if (/^application\/x-www-form-urlencoded\b/i.test(type)) return new URLSearchParams(body).get('q') ?? body;
  return body;
}

function jsonOf(body: string): unknown {
  try {
    return (JSON.parse(body) as { q?: unknown } | null)?.q;
  } catch (error) {
    throw new WattduckError('usage', 'the body is no JSON', 'Write {"q": "select …"}.', error);
  }
}

/** A statement without what stands at its end: the format it asks for, and semicolons. */
function asked(statement: string): { sql: string; format: Format } {
  checkLength(statement);
  const text = withoutSemicolons(statement);
  // Only its end is searched: an expression that runs over the whole text could take long on blanks.
  const end = /[\s;]+format\s+(\w+)$/i.exec(text.slice(-60));
  const format = end?.[1]?.toLowerCase() as Format | undefined;
  if (!end || format === undefined || !Object.hasOwn(formats, format))
    return { sql: stripTrailingSemicolon(statement).trim(), format: 'json' };
  return { sql: stripTrailingSemicolon(withoutSemicolons(text.slice(0, -end[0].length))).trim(), format };
}

function withoutSemicolons(statement: string): string {
  let text = statement.trimEnd();
  while (text.endsWith(';')) text = text.slice(0, -1).trimEnd();
  return text;
}
