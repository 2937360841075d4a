import type { ErrorCode } from '../../errors/catalog.ts';
import type { ErrorKind } from '../../errors/kinds.ts';
import type { Scope } from '../access/tokens.ts';
import { statusOf, type Protocol } from '../http/error-responses.ts';
import { json, objectOf, ref, type OpenApiObject } from './schemas.ts';

const descriptions = {
  usage: 'A parameter is unknown, missing or invalid. The error names it, and the accepted values.',
  unauthorized: 'The token is missing, unknown or revoked.',
  forbidden:
    'The token lacks the required scope, or the request has another host in its Host header or comes from another site.',
  not_found: 'The resource in the path or in a parameter was not found.',
  conflict: 'Conflict with the current state.',
  timeout: 'The query took too long and was cancelled.',
  payload_too_large: 'The body is larger than 10 MiB.',
  unsupported_media_type: 'The content type of the body is not supported.',
  failed: 'The operation failed; no changes were made.',
  unavailable:
    'The database file was deleted or replaced while the server had it open, or the disk is full. Nothing was written.',
  too_many_requests: 'The daily limit of the token is reached. Retry-After has the seconds until it resets.',
} satisfies Partial<Record<ErrorKind, string>>;
/** Kinds of errors that responses document. */
export type ResponseKind = keyof typeof descriptions;

/** Errors of every route with a scope. */
export const authErrors: readonly ResponseKind[] = ['unauthorized', 'forbidden', 'too_many_requests'];
/** Errors of every route with a body. */
export const bodyErrors: readonly ResponseKind[] = ['payload_too_large', 'unsupported_media_type'];
/** Errors of every route that writes. */
export const writeErrors: readonly ResponseKind[] = ['unavailable'];

const protocols: readonly Protocol[] = ['tinybird', 'analytics', 'charging_events'];
const schemaNames: Record<Protocol, string> = {
  tinybird: 'TinybirdError',
  analytics: 'AnalyticsError',
  charging_events: 'ChargingEventsError',
};

const statusCodeOf = (kind: ResponseKind, protocol: Protocol): string => String(statusOf({ kind }, protocol));

/** Error responses of an operation, in the form of its protocol. */
export const errorResponses = (protocol: Protocol, kinds: readonly ResponseKind[]): OpenApiObject =>
  Object.fromEntries(
    kinds
      .map((kind): [string, OpenApiObject] => [
        statusCodeOf(kind, protocol),
        ref('responses', responseName(protocol, statusCodeOf(kind, protocol))),
      ])
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );

const responseName = (protocol: Protocol, code: string): string => `${protocol}-${code}`;

const tooManyRequestsHeaders: OpenApiObject = {
  'Retry-After': { description: 'Seconds until the limit resets', schema: { type: 'integer' } },
  'X-RateLimit-Limit': ref('headers', 'X-RateLimit-Limit'),
  'X-RateLimit-Remaining': ref('headers', 'X-RateLimit-Remaining'),
  'X-RateLimit-Reset': ref('headers', 'X-RateLimit-Reset'),
};

/** Error responses that the paths refer to, by name. @param paths the paths as JSON */
export function errorResponseComponents(paths: string): OpenApiObject {
  const responses: OpenApiObject = {};
  for (const protocol of protocols) {
    for (const code of new Set(responseKinds.map((kind) => statusCodeOf(kind, protocol)))) {
      const sameStatus = responseKinds.filter((kind) => statusCodeOf(kind, protocol) === code);
      if (!paths.includes(`/responses/${responseName(protocol, code)}"`)) continue;
      responses[responseName(protocol, code)] = {
        description: sameStatus.map((kind) => descriptions[kind]).join(' '),
        ...(sameStatus.includes('too_many_requests') ? { headers: tooManyRequestsHeaders } : {}),
        content: json(ref('schemas', schemaNames[protocol])),
      };
    }
  }
  return responses;
}

const responseKinds = Object.keys(descriptions) as ResponseKind[];

/** Examples of `error.code`. */
const exampleCodes: readonly ErrorCode[] = ['token_required', 'method_not_allowed', 'query_timeout'];

/** Schemas of error bodies, one per protocol. */
export const errorSchemas: OpenApiObject = {
  TinybirdError: objectOf({
    error: { type: 'string', description: 'Problem, and the next step' },
    documentation: { type: 'string', description: 'Path of the documentation' },
  }),
  AnalyticsError: objectOf({
    error: objectOf(
      {
        code: { type: 'string', description: 'Error code, as listed in docs/errors.md', examples: exampleCodes },
        message: { type: 'string', description: 'Problem, with the value seen' },
        hint: { type: 'string', description: 'The next step' },
      },
      ['code', 'message'],
    ),
  }),
  ChargingEventsError: objectOf({
    statusCode: { type: 'integer' },
    message: { type: 'array', items: { type: 'string' }, description: 'Problem, and the next step' },
    error: { type: 'string', description: 'Reason phrase of the status' },
  }),
};

/** Headers of the daily limit. */
export const rateLimitHeaders: OpenApiObject = {
  'X-RateLimit-Limit': {
    description: 'Daily limit of the token, if it has one',
    schema: { type: 'integer' },
  },
  'X-RateLimit-Remaining': { description: 'Requests left today', schema: { type: 'integer' } },
  'X-RateLimit-Reset': {
    description: 'Seconds until the limit resets, at midnight UTC',
    schema: { type: 'integer' },
  },
};

/** The three ways to send a token. */
export const securitySchemes: OpenApiObject = {
  bearer: { type: 'http', scheme: 'bearer', description: 'A token created with `wattduck token create`.' },
  apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'The same token in the header X-API-Key.' },
  queryToken: {
    type: 'apiKey',
    in: 'query',
    name: 'token',
    description: 'The same token in the URL, where proxies may log it.',
  },
};

/** Any of the three ways, or none while no token exists. */
export const security = (scope: Scope): OpenApiObject[] => [
  ...Object.keys(securitySchemes).map((name) => ({ [name]: [scope] })),
  {},
];
