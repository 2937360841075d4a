import type { FastifyInstance } from 'fastify';
import { WattduckError } from '../../errors/wattduck-error.ts';
import type { ServerContext } from '../context.ts';
import { parseChoice, routeParams } from '../http/query-params.ts';
import { findSource } from './find-source.ts';
import { decompress, parseJsonLines } from './json-lines.ts';
import { RowWriter } from './row-writer.ts';

/** The events route: rows as JSON, whatever the Content-Type. */
export async function addEvents(app: FastifyInstance, { owner, tz }: ServerContext): Promise<void> {
  const writer = new RowWriter(owner, tz);
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    scope.addHook('onRequest', async (request) => {
      // Clients may send any Content-Type, even a malformed one.
      delete request.raw.headers['content-type'];
      writer.assertNotFull();
    });
    scope.addHook('onError', async (_request, reply, error: unknown) => {
      if (error instanceof WattduckError && error.kind === 'too_many_requests' && !reply.hasHeader('retry-after'))
        reply.header('retry-after', 1);
    });
    scope.post('/v0/events', { config: { scope: 'append' } }, async (request, reply) => {
      const params = routeParams(['name', 'wait', 'format'], request.query);
      const source = findSource(await owner.catalog.sources(), params.name).name;
      const [wait, format] = [
        parseChoice('wait', params.wait, ['true', 'false', '1', '0']),
        parseChoice('format', params.format, ['json', 'ndjson']),
      ];
      const body = await decompress(
        (request.body as Buffer | undefined) ?? Buffer.alloc(0),
        request.headers['content-encoding'],
      );
      const counts = await writer.ingest(source, parseJsonLines(body, format));
      request.rows = counts.successful_rows + counts.quarantined_rows;
      // The rows are committed in either case.
      return reply.code(wait === 'true' || wait === '1' ? 200 : 202).send(counts);
    });
  });
}
