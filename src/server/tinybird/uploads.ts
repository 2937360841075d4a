import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import multipart from '@fastify/multipart';
import type { FastifyInstance } from 'fastify';
import { WattduckError } from '../../errors.ts';
import { ingestFile } from '../../ingest/ingest-file.ts';
import type { Account } from '../../ingest/result.ts';
import { requireScope } from '../access/auth.ts';
import type { Parts } from '../context.ts';
import { givenOf, oneOf } from '../http/query-params.ts';
import { dialectOf, withoutBackslashes } from './dialect.ts';
import { sourceNamed } from './find-source.ts';
import { overHttp } from './ingest-options.ts';
import { received, remote } from './save-upload.ts';

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

/** Files of a source: CSV, NDJSON or Parquet. */
export async function addUploads(app: FastifyInstance, { owner, tz }: Parts): Promise<void> {
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    await scope.register(multipart, { limits: { fileSize: Infinity, fields: 10 } });
    scope.addContentTypeParser('*', (_request, body, done) => done(null, body));
    scope.addHook('onRequest', async ({ raw: { headers } }) => {
      // Even a type that is none does not matter.
      if (!/^[\w.+-]+\/[\w.+-]+/.test(headers['content-type'] ?? '')) delete headers['content-type'];
    });
    scope.post('/v0/datasources', { config: { scope: 'append' } }, async (request) => {
      const given = givenOf(parameters, request.query);
      if (given.url !== undefined) throw remote();
      const source = await sourceNamed(owner.catalog, given.name);
      const mode = oneOf('mode', given.mode, ['append', 'replace', 'create']);
      if (mode === 'create')
        throw new WattduckError(
          'usage',
          'mode: create makes no data source here',
          'A SQL file under sources/ makes one; append to those there are.',
        );
      // Every row there was goes with it.
      if (mode === 'replace') requireScope(request.caller, 'admin');
      const { hasBackslashes, ...dialect } = dialectOf(given);
      const format =
        oneOf('format', given.format, ['csv', 'ndjson', 'parquet']) ?? (hasBackslashes ? 'csv' : undefined);
      if (hasBackslashes && format !== 'csv') throw new WattduckError('usage', 'dialect_escapechar is for CSV alone');

      const id = randomUUID();
      const folder = await mkdtemp(join(owner.spool, 'upload-'));
      try {
        const path = join(folder, 'file');
        const name = await received(request, path);
        const standard = hasBackslashes ? join(folder, 'standard') : path;
        if (hasBackslashes) await withoutBackslashes(path, standard);
        const options = {
          ...overHttp(tz),
          ...dialect,
          source,
          evenLacking: true,
          called: `${plainName(name)} (upload ${id})`,
          ...(format ? { format } : {}),
          ...(mode === 'replace' ? { replaced: new Set<string>() } : {}),
        };
        const accounts = await owner.write((engine) =>
          ingestFile(engine, owner.catalog, owner.path, standard, options),
        );
        return answer(accounts as Account[], source, id);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    });
  });
}

/** A name from elsewhere, without what a terminal would obey. */
const plainName = (name = 'body'): string => name.replaceAll(/[^\p{L}\p{N} ._-]/gu, '_').slice(0, 100);

/** Both sets of keys clients look for. A line that is no row at all is an invalid line; every bad one is in the quarantine. */
function answer(accounts: readonly Account[], name: string, id: string): Record<string, unknown> {
  const sum = (figure: (account: Account) => number): number =>
    accounts.reduce((all, account) => all + figure(account), 0);
  const quarantined = sum((account) => account.quarantined);
  const invalid = sum(({ rejected }) =>
    rejected.reduce((all, { column, rows }) => all + (column === null ? rows : 0), 0),
  );
  return {
    successful_rows: sum((account) => account.read) - quarantined,
    quarantined_rows: quarantined,
    quarantine_rows: quarantined - invalid,
    invalid_lines: invalid,
    import_id: id,
    datasource: { id: name, name },
    error: false,
  };
}
