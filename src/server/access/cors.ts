import type { FastifyReply, FastifyRequest } from 'fastify';
import { WattduckError } from '../../errors/wattduck-error.ts';
import type { Tokens } from './tokens.ts';

/** Response headers a page of another site may read, beside those every page may. */
const exposedHeaders =
  'ETag, Retry-After, WWW-Authenticate, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset';
/** Request headers it may send. */
const allowedHeaders = 'Authorization, X-API-Key, Content-Type, Content-Encoding, If-None-Match';
/** Seconds a browser keeps the answer to a preflight. */
const preflightSeconds = 600;

/** Which origins may use the server from a browser. */
export class Cors {
  readonly #origins: ReadonlySet<string>;
  readonly #tokens: Tokens;

  constructor(origins: readonly string[], tokens: Tokens) {
    this.#origins = new Set(origins);
    this.#tokens = tokens;
  }

  /** Whether any origin is listed. */
  get isEnabled(): boolean {
    return this.#origins.size > 0;
  }

  /** What Access-Control-Allow-Origin says to an origin; undefined where it is not allowed. `*` holds while a token is needed. */
  async allowedOrigin(origin: string | undefined): Promise<string | undefined> {
    if (this.#origins.has('*') && (await this.#tokens.areRequired())) return '*';
    return origin !== undefined && origin !== '*' && this.#origins.has(origin) ? origin : undefined;
  }

  /** @throws WattduckError (usage) where any site might use a server that needs no token */
  async check(): Promise<void> {
    if (!this.#origins.has('*') || (await this.#tokens.areRequired())) return;
    throw new WattduckError(
      'usage',
      '--cors "*" lets any web page use this server, which needs no token',
      'List the origins, or make a token first: wattduck token create NAME.',
    );
  }
}

/** Adds the CORS headers to the answer to a request from an allowed origin; returns whether it is one. */
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

/** Adds the answer to a preflight, where an OPTIONS request is one from an allowed origin. */
export function answerPreflight({ headers }: FastifyRequest, reply: FastifyReply, methods: string): void {
  if (headers['access-control-request-method'] === undefined || !reply.hasHeader('access-control-allow-origin')) return;
  reply.headers({
    'access-control-allow-methods': methods,
    'access-control-allow-headers': allowedHeaders,
    'access-control-max-age': preflightSeconds,
  });
}
