import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { etagMatches } from '../http/etag.ts';

/** A response that stays the same while the server runs. */
export interface StaticResponse {
  type: string;
  body: string | Buffer;
  etag: string;
}

/** A response with an ETag of its content. */
export const staticResponse = (type: string, body: string | Buffer): StaticResponse => ({
  type,
  body,
  etag: `"${createHash('sha1').update(body).digest('base64url')}"`,
});

/** Sends a static response, or 304 if the client has it. */
export function sendStaticResponse(
  request: FastifyRequest,
  reply: FastifyReply,
  { type, body, etag }: StaticResponse,
): FastifyReply {
  reply.header('etag', etag);
  return etagMatches(request, etag) ? reply.code(304).send() : reply.type(type).send(body);
}
