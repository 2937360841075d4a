import type { FastifyInstance } from 'fastify';
import { WattduckError } from '../../errors/wattduck-error.ts';
import type { ServerContext } from '../context.ts';
import { parseChoice, routeParams } from '../http/query-params.ts';
import { findSource } from './find-source.ts';
import { decompress, parseJsonLines } from './json-lines.ts';
import { RowWriter } from './row-writer.ts';

/** Rows of a source as JSON, whatever the type of their body is said to be. */
export async function addEvents(app: FastifyInstance, { owner, tz }: ServerContext): Promise<void> {
  const writer = new RowWriter(owner, tz);
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    scope.addHook('onRequest', async (request) => {
      // Even a type that is none does not matter.
      delete request.raw.headers['content-type'];
      writer.assertNotFull();
    });
    scope.addHook('onError', async (_request, reply, error: unknown) => {
      if (error instanceof WattduckError && error.kind === 'too_many_requests' && !reply.hasHeader('retry-after'))
        reply.header('retry-after', 1);
    });
    scope.post('/v0/events', { config: { scope: 'append' } }, async (request, reply) => {
      const params = routeParams(['name', 'wait', 'format'], request.query);
      const source = await findSource(owner.catalog, params.name);
      const [wait, format] = [
        parseChoice('wait', params.wait, ['true', 'false', '1', '0']),
        parseChoice('format', params.format, ['json', 'ndjson']),
      ];
      const body = await decompress(
        (request.body as Buffer | undefined) ?? Buffer.alloc(0),
        request.headers['content-encoding'],
      );
      const counts = await writer.ingest(source, parseJsonLines(body, format));
      // They are committed in either case; only who asks for it is told so.
      return reply.code(wait === 'true' || wait === '1' ? 200 : 202).send(counts);
    });
  });
}
