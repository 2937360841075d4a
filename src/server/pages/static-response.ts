import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isKnown } from '../http/etag.ts';

/** What is the same for as long as the server runs. */
export interface Still {
  type: string;
  body: string | Buffer;
  etag: string;
}

export const still = (type: string, body: string | Buffer): Still => ({
  type,
  body,
  etag: `"${createHash('sha1').update(body).digest('base64url')}"`,
});

/** Sends it, or says that the client has it. */
export function sendStill(request: FastifyRequest, reply: FastifyReply, { type, body, etag }: Still): FastifyReply {
  reply.header('etag', etag);
  return isKnown(request, etag) ? reply.code(304).send() : reply.type(type).send(body);
}
