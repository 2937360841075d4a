import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import multipart from '@fastify/multipart';
import type { FastifyInstance } from 'fastify';
import { WattduckError } from '../../errors/wattduck-error.ts';
import { ingestFile } from '../../ingest/ingest-file.ts';
import type { IngestResult } from '../../ingest/result.ts';
import { requireScope } from '../access/auth.ts';
import type { ServerContext } from '../context.ts';
import { parseChoice, routeParams } from '../http/query-params.ts';
import { doubleEscapedQuotes, parseDialect } from './dialect.ts';
import { findSource } from './find-source.ts';
import { httpIngestOptions } from './row-writer.ts';
import { remoteUrlError, saveUpload } from './save-upload.ts';

const parameters = [
  'name',
  'mode',
  'format',
  'url',
  'dialect_delimiter',
  'dialect_escapechar',
  'dialect_new_line',
  'type_guessing',
] as const;

/** The upload route: CSV, NDJSON or Parquet files. */
export async function addUploads(app: FastifyInstance, { owner, tz }: ServerContext): Promise<void> {
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    await scope.register(multipart, { limits: { fileSize: Infinity, fields: 10 } });
    scope.addContentTypeParser('*', (_request, body, done) => done(null, body));
    scope.addHook('onRequest', async ({ raw: { headers } }) => {
      // Clients may send any Content-Type, even a malformed one.
      if (!/^[\w.+-]+\/[\w.+-]+/.test(headers['content-type'] ?? '')) delete headers['content-type'];
    });
    scope.post('/v0/datasources', { config: { scope: 'append' } }, async (request) => {
      const params = routeParams(parameters, request.query);
      if (params.url !== undefined) throw remoteUrlError();
      const source = findSource(await owner.catalog.sources(), params.name).name;
      const mode = parseChoice('mode', params.mode, ['append', 'replace', 'create']);
      if (mode === 'create') throw new WattduckError('create_not_supported');
      // Replacing deletes all existing rows.
      if (mode === 'replace') requireScope(request.caller, 'admin');
      const { hasBackslashes, ...dialect } = parseDialect(params);
      const format =
        parseChoice('format', params.format, ['csv', 'ndjson', 'parquet']) ?? (hasBackslashes ? 'csv' : undefined);
      if (hasBackslashes && format !== 'csv') throw new WattduckError('escape_requires_csv');

      const id = randomUUID();
      const folder = await mkdtemp(join(owner.workDir, 'upload-'));
      try {
        const path = join(folder, 'file');
        const name = await saveUpload(request, path);
        const csvPath = hasBackslashes ? join(folder, 'standard') : path;
        if (hasBackslashes) await doubleEscapedQuotes(path, csvPath);
        const options = {
          ...httpIngestOptions(tz),
          ...dialect,
          source,
          displayName: `${sanitizeFileName(name)} (upload ${id})`,
          ...(format ? { format } : {}),
          ...(mode === 'replace' ? { replaced: new Set<string>() } : {}),
        };
        const results = await owner.write((duckdb) => ingestFile(duckdb, owner.catalog, owner.path, csvPath, options));
        request.rows = (results as IngestResult[]).reduce((all, { read }) => all + read, 0);
        return uploadResponse(results as IngestResult[], source, id);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    });
  });
}

/** The client's file name, safe to print and clipped at 100 characters. */
const sanitizeFileName = (name = 'body'): string => name.replaceAll(/[^\p{L}\p{N} ._-]/gu, '_').slice(0, 100);

/** Response to an upload, with both sets of keys that clients read. `invalid_lines` counts lines that are not rows at all. */
function uploadResponse(results: readonly IngestResult[], name: string, id: string): Record<string, unknown> {
  const sum = (count: (result: IngestResult) => number): number =>
    results.reduce((all, result) => all + count(result), 0);
  const quarantined = sum((result) => result.quarantined);
  const invalid = sum(({ rejected }) =>
    rejected.reduce((all, { column, rows }) => all + (column === null ? rows : 0), 0),
  );
  return {
    successful_rows: sum((result) => result.read) - quarantined,
    quarantined_rows: quarantined,
    quarantine_rows: quarantined - invalid,
    invalid_lines: invalid,
    import_id: id,
    datasource: { id: name, name },
    error: false,
  };
}
