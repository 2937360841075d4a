import type { FastifyInstance } from 'fastify';
import { WattduckError } from '../../errors.ts';
import type { Parts } from '../context.ts';
import { givenOf, oneOf } from '../http/query-params.ts';
import { sourceNamed } from './find-source.ts';
import { rowsIn, unpacked } from './json-lines.ts';
import { RowWriter } from './row-writer.ts';

/** Rows of a source as JSON, whatever the type of their body is said to be. */
export async function addEvents(app: FastifyInstance, { owner, tz }: Parts): Promise<void> {
  const writer = new RowWriter(owner, tz);
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    scope.addHook('onRequest', async (request) => {
      // Even a type that is none does not matter.
      delete request.raw.headers['content-type'];
      writer.refuseIfFull();
    });
    scope.addHook('onError', async (_request, reply, error: unknown) => {
      if (error instanceof WattduckError && error.kind === 'too_many' && !reply.hasHeader('retry-after'))
        reply.header('retry-after', 1);
    });
    scope.post('/v0/events', { config: { scope: 'append' } }, async (request, reply) => {
      const given = givenOf(['name', 'wait', 'format'], request.query);
      const source = await sourceNamed(owner.catalog, given.name);
      const [wait, format] = [
        oneOf('wait', given.wait, ['true', 'false', '1', '0']),
        oneOf('format', given.format, ['json', 'ndjson']),
      ];
      const body = await unpacked(
        (request.body as Buffer | undefined) ?? Buffer.alloc(0),
        request.headers['content-encoding'],
      );
      const counts = await writer.take(source, rowsIn(body, format));
      // They are committed in either case; only who asks for it is told so.
      return reply.code(wait === 'true' || wait === '1' ? 200 : 202).send(counts);
    });
  });
}
