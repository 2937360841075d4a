import type { FastifyInstance, FastifyRequest } from 'fastify';
import { WattduckError } from '../../errors/wattduck-error.ts';
import { acknowledge } from '../../reports/acknowledge.ts';
import { toDocument } from '../../reports/document.ts';
import type { ServerContext } from '../context.ts';
import { mediaTypes } from '../reports/formats.ts';

/** Routes of actions: acknowledging an issue. */
export async function addActions(app: FastifyInstance, { owner, io }: ServerContext): Promise<void> {
  await app.register(async (scope) => {
    acceptEmptyJson(scope);
    scope.post(
      '/api/v1/analytics/issues/:issue_id/acknowledge',
      { config: { scope: 'append' } },
      async (request, reply) => {
        const { issue_id: id } = request.params as { issue_id: string };
        const params = { issue_id: id, note: readNote(request) };
        const context = { now: io.now(), label: (name: string) => name };
        const answer = await owner.write((duckdb) =>
          acknowledge(duckdb, owner.acknowledgeAction, owner.report('issue'), params, context),
        );
        // Without the scope read, the response has no data of the issue.
        const document = request.caller.scopes.includes('read')
          ? toDocument(answer)
          : { issue_id: id, status: 'acknowledged' };
        return reply.type(mediaTypes.json).send(`${JSON.stringify(document, null, 2)}\n`);
      },
    );
  });
}

/** Accepts an empty body of type JSON: many clients send that type with every request. */
function acceptEmptyJson(scope: FastifyInstance): void {
  const parseJson = scope.getDefaultJsonParser('error', 'error');
  scope.removeContentTypeParser('application/json');
  scope.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body: string, done) =>
    body.trim() === '' ? done(null, undefined) : parseJson(request, body, done),
  );
}

function readNote({ body, headers }: FastifyRequest): string | undefined {
  if (body === undefined || body === null) return undefined;
  if (/^text\/plain\b/i.test(headers['content-type'] ?? '')) throw new WattduckError('note_content_type');
  if (typeof body !== 'object' || Array.isArray(body)) throw new WattduckError('note_body_not_object');
  const { note, ...rest } = body as { note?: unknown };
  const [unknownField] = Object.keys(rest);
  if (unknownField !== undefined) throw new WattduckError('unknown_body_field', { name: unknownField });
  if (note !== undefined && note !== null && typeof note !== 'string')
    throw new WattduckError('note_not_string', { value: JSON.stringify(note) });
  return note ?? undefined;
}
