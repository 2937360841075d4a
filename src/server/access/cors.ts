import type { FastifyReply, FastifyRequest } from 'fastify';
import { WattduckError } from '../../errors/wattduck-error.ts';
import type { Tokens } from './tokens.ts';

/** Response headers that pages of an allowed origin can read, in addition to those every page can. */
const exposedHeaders =
  'ETag, Retry-After, WWW-Authenticate, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, wattduck-note';
/** Request headers they can send. */
const allowedHeaders = 'Authorization, X-API-Key, Content-Type, Content-Encoding, If-None-Match';
/** Seconds a browser caches the response to a preflight request. */
const preflightSeconds = 600;

/** Origins that can use the server from a browser. */
export class Cors {
  readonly #origins: ReadonlySet<string>;
  readonly #tokens: Tokens;

  constructor(origins: readonly string[], tokens: Tokens) {
    this.#origins = new Set(origins);
    this.#tokens = tokens;
  }

  /** True if any origin is listed. */
  get isEnabled(): boolean {
    return this.#origins.size > 0;
  }

  /** Value of Access-Control-Allow-Origin for an origin; undefined if it is not allowed. `*` counts only while tokens are required. */
  async allowedOrigin(origin: string | undefined): Promise<string | undefined> {
    if (this.#origins.has('*') && (await this.#tokens.areRequired())) return '*';
    return origin !== undefined && origin !== '*' && this.#origins.has(origin) ? origin : undefined;
  }

  /** @throws WattduckError (cors_requires_token) if any site could use a server that requires no token */
  async check(): Promise<void> {
    if (!this.#origins.has('*') || (await this.#tokens.areRequired())) return;
    throw new WattduckError('cors_requires_token');
  }
}

/** Adds the CORS headers if the request comes from an allowed origin; returns whether it does. */
export async function allowCors({ headers }: FastifyRequest, reply: FastifyReply, cors: Cors): Promise<boolean> {
  if (!cors.isEnabled) return false;
  reply.header('vary', 'Origin');
  const origin = await cors.allowedOrigin(headers.origin);
  if (origin === undefined) return false;
  reply.headers({
    'access-control-allow-origin': origin,
    'access-control-expose-headers': exposedHeaders,
    'cross-origin-resource-policy': 'cross-origin',
  });
  return true;
}

/** Adds the preflight headers to an OPTIONS request from an allowed origin. */
export function answerPreflight({ headers }: FastifyRequest, reply: FastifyReply, methods: string): void {
  if (headers['access-control-request-method'] === undefined || !reply.hasHeader('access-control-allow-origin')) return;
  reply.headers({
    'access-control-allow-methods': methods,
    'access-control-allow-headers': allowedHeaders,
    'access-control-max-age': preflightSeconds,
  });
}
