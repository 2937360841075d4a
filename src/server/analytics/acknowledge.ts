import type { FastifyInstance, FastifyRequest } from 'fastify';
import { WattduckError } from '../../errors/wattduck-error.ts';
import { acknowledge } from '../../reports/acknowledge.ts';
import { toDocument } from '../../reports/document.ts';
import { clipped } from '../../text/plain-text.ts';
import type { ServerContext } from '../context.ts';
import { mediaTypes } from '../reports/formats.ts';

/** What changes something other than the data. */
export function addActions(app: FastifyInstance, { owner, io }: ServerContext): void {
  app.post(
    '/api/v1/analytics/issues/:issue_id/acknowledge',
    { config: { scope: 'append' } },
    async (request, reply) => {
      const { issue_id: id } = request.params as { issue_id: string };
      const params = { issue_id: id, note: readNote(request) };
      const context = { now: io.now(), label: (name: string) => name };
      const answer = await owner.write((duckdb) =>
        acknowledge(duckdb, owner.acknowledgeAction, owner.report('issue'), params, context),
      );
      // The issue itself is for those who may read it.
      const document = request.caller.scopes.includes('read')
        ? toDocument(answer)
        : { issue_id: id, status: 'acknowledged' };
      return reply.type(mediaTypes.json).send(`${JSON.stringify(document, null, 2)}\n`);
    },
  );
}

function readNote({ body, headers }: FastifyRequest): string | undefined {
  if (body === undefined || body === null) return undefined;
  if (/^text\/plain\b/i.test(headers['content-type'] ?? ''))
    throw new WattduckError('unsupported_media_type', 'the content type of the body is text/plain', example);
  if (typeof body !== 'object' || Array.isArray(body))
    throw new WattduckError('usage', 'the body is no JSON object', example);
  const { note, ...rest } = body as { note?: unknown };
  const [unknownField] = Object.keys(rest);
  if (unknownField !== undefined)
    throw new WattduckError('usage', clipped`unknown field "${unknownField.slice(0, 100)}" in the body`, example);
  if (note !== undefined && note !== null && typeof note !== 'string')
    throw new WattduckError('usage', clipped`note is no text but ${JSON.stringify(note).slice(0, 100)}`, example);
  return note ?? undefined;
}

const example = 'Send {"note": "…"} as application/json, or nothing.';
