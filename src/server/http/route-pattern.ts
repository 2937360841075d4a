import type { FastifyRequest } from 'fastify';

/** Path of a route with `{name}` for parameters, as OpenAPI writes it. */
export const toOpenApiPath = (url: string): string => url.replaceAll(/:(\w+)/g, '{$1}');

/** Route pattern of a request, `unknown` if none matched; never the requested path. */
export const routeOf = ({ routeOptions }: FastifyRequest): string =>
  routeOptions.url === undefined ? 'unknown' : toOpenApiPath(routeOptions.url);
