import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { etagMatches } from '../http/etag.ts';

/** What is the same for as long as the server runs. */
export interface StaticResponse {
  type: string;
  body: string | Buffer;
  etag: string;
}

export const staticResponse = (type: string, body: string | Buffer): StaticResponse => ({
  type,
  body,
  etag: `"${createHash('sha1').update(body).digest('base64url')}"`,
});

/** Sends it, or says that the client has it. */
export function sendStaticResponse(
  request: FastifyRequest,
  reply: FastifyReply,
  { type, body, etag }: StaticResponse,
): FastifyReply {
  reply.header('etag', etag);
  return etagMatches(request, etag) ? reply.code(304).send() : reply.type(type).send(body);
}
