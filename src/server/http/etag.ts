import type { FastifyRequest } from 'fastify';

/** Tags of a request's `If-None-Match`, weak or not. */
export const ifNoneMatch = ({ headers }: FastifyRequest): string[] =>
  (headers['if-none-match'] ?? '').split(',').map(stripWeak);

/** A tag without the mark of a weak one: two are compared so. */
export const stripWeak = (tag: string): string => tag.trim().replace(/^W\//, '');

/** Whether the client has what bears this tag, or anything (`*`), already. */
export const etagMatches = (request: FastifyRequest, etag: string): boolean =>
  ifNoneMatch(request).some((tag) => tag === '*' || tag === stripWeak(etag));
