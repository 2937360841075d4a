import type { FastifyRequest } from 'fastify';

/** All values of a request header, in order; `request.headers` keeps only the first of some and joins others. */
export function headerValues({ raw: { rawHeaders } }: FastifyRequest, name: string): string[] {
  return rawHeaders.flatMap((header, at) =>
    at % 2 === 0 && header.toLowerCase() === name ? [String(rawHeaders[at + 1])] : [],
  );
}
