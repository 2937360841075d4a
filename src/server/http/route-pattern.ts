import type { FastifyRequest } from 'fastify';

/** A route's path with `{name}` for parameters, as the documents write it. */
export const toOpenApiPath = (url: string): string => url.replaceAll(/:(\w+)/g, '{$1}');

/** Which route a request went to: one of a known number, whatever was asked for. */
export const routeOf = ({ routeOptions }: FastifyRequest): string =>
  routeOptions.url === undefined ? 'unknown' : toOpenApiPath(routeOptions.url);
