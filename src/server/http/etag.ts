import type { FastifyRequest } from 'fastify';

/** ETags of a request's If-None-Match, without their weak prefix. */
export const ifNoneMatch = ({ headers }: FastifyRequest): string[] =>
  (headers['if-none-match'] ?? '').split(',').map(stripWeak);

/** An ETag without its weak prefix `W/`, for comparison. */
export const stripWeak = (tag: string): string => tag.trim().replace(/^W\//, '');

/** True if If-None-Match has this ETag or `*`: the client's copy is current. */
export const etagMatches = (request: FastifyRequest, etag: string): boolean =>
  ifNoneMatch(request).some((tag) => tag === '*' || tag === stripWeak(etag));
