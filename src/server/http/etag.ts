import type { FastifyRequest } from 'fastify';

/** Tags of a request's `If-None-Match`, weak or not. */
export const tagsIn = ({ headers }: FastifyRequest): string[] =>
  (headers['if-none-match'] ?? '').split(',').map(opaque);

/** A tag without the mark of a weak one: two are compared so. */
export const opaque = (tag: string): string => tag.trim().replace(/^W\//, '');

/** Whether the client has what bears this tag, or anything (`*`), already. */
export const isKnown = (request: FastifyRequest, etag: string): boolean =>
  tagsIn(request).some((tag) => tag === '*' || tag === opaque(etag));
