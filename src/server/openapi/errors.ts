import type { ErrorKind } from '../../errors/kinds.ts';
import { WattduckError } from '../../errors/wattduck-error.ts';
import type { Scope } from '../access/tokens.ts';
import { statusOf, type Protocol } from '../http/error-responses.ts';
import { json, objectOf, ref, type OpenApiObject } from './schemas.ts';

const descriptions = {
  usage: 'A parameter is unknown or missing, or its value is not accepted; the error names it, and what is accepted.',
  unauthorized: 'A token is needed, or the one sent is not known.',
  forbidden:
    "The token may not do this, the request is not meant for this server's address, or a page of another site sends it.",
  not_found: 'What the path or a parameter names is not there.',
  conflict: 'What is asked for does not go with what is there.',
  timeout: 'The query took too long and was broken off.',
  payload_too_large: 'The body is larger than 10 MiB.',
  unsupported_media_type: 'The content type of the body is not known here.',
  failed: 'The work could not be done; nothing was half done.',
  unavailable:
    'The database file was removed or replaced while the server had it open, or the disk is full: nothing was written.',
  too_many_requests: 'The requests a day of the token are used up; Retry-After tells when there are new ones.',
} satisfies Partial<Record<ErrorKind, string>>;
export type ErrorCode = keyof typeof descriptions;

/** What any route with a scope may answer. */
export const authErrors: readonly ErrorCode[] = ['unauthorized', 'forbidden', 'too_many_requests'];
/** What a route with a body may answer. */
export const bodyErrors: readonly ErrorCode[] = ['payload_too_large', 'unsupported_media_type'];
/** What a route that writes may answer. */
export const writeErrors: readonly ErrorCode[] = ['unavailable'];

const protocols: readonly Protocol[] = ['tinybird', 'analytics', 'charging_events'];
const schemaNames: Record<Protocol, string> = {
  tinybird: 'TinybirdError',
  analytics: 'AnalyticsError',
  charging_events: 'ChargingEventsError',
};

const statusCodeOf = (kind: ErrorCode, protocol: Protocol): string =>
  String(statusOf(new WattduckError(kind, ''), protocol));

/** Responses to what can go wrong, as a protocol answers it. */
export const errorResponses = (protocol: Protocol, codes: readonly ErrorCode[]): OpenApiObject =>
  Object.fromEntries(
    codes
      .map((kind): [string, OpenApiObject] => [
        statusCodeOf(kind, protocol),
        ref('responses', responseName(protocol, statusCodeOf(kind, protocol))),
      ])
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );

const responseName = (protocol: Protocol, code: string): string => `${protocol}-${code}`;

const tooManyRequestsHeaders: OpenApiObject = {
  'Retry-After': { description: 'Seconds until there are new ones', schema: { type: 'integer' } },
  'X-RateLimit-Limit': ref('headers', 'X-RateLimit-Limit'),
  'X-RateLimit-Remaining': ref('headers', 'X-RateLimit-Remaining'),
  'X-RateLimit-Reset': ref('headers', 'X-RateLimit-Reset'),
};

/** Those responses that are referred to, by their names. */
export function errorResponseComponents(paths: string): OpenApiObject {
  const responses: OpenApiObject = {};
  for (const protocol of protocols) {
    for (const code of new Set(errorCodes.map((kind) => statusCodeOf(kind, protocol)))) {
      const sameStatus = errorCodes.filter((kind) => statusCodeOf(kind, protocol) === code);
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

const errorCodes = Object.keys(descriptions) as ErrorCode[];

export const errorSchemas: OpenApiObject = {
  TinybirdError: objectOf({
    error: { type: 'string', description: 'What is wrong, and what to do' },
    documentation: { type: 'string', description: 'Where to read more' },
  }),
  AnalyticsError: objectOf({
    error: objectOf(
      {
        code: { type: 'string', description: 'Kind of the error' },
        message: { type: 'string', description: 'What is wrong' },
        hint: { type: 'string', description: 'What to do' },
      },
      ['code', 'message'],
    ),
  }),
  ChargingEventsError: objectOf({
    statusCode: { type: 'integer' },
    message: { type: 'array', items: { type: 'string' }, description: 'What is wrong, and what to do' },
    error: { type: 'string', description: 'Name of the status' },
  }),
};

export const rateLimitHeaders: OpenApiObject = {
  'X-RateLimit-Limit': {
    description: 'Requests a day of the token, where it has a limit',
    schema: { type: 'integer' },
  },
  'X-RateLimit-Remaining': { description: 'How many of them are left', schema: { type: 'integer' } },
  'X-RateLimit-Reset': {
    description: 'Seconds until midnight UTC, when there are new ones',
    schema: { type: 'integer' },
  },
};

export const securitySchemes: OpenApiObject = {
  bearer: { type: 'http', scheme: 'bearer', description: 'A token of `wattduck token create`.' },
  apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'The same token in a header of its own.' },
  queryToken: {
    type: 'apiKey',
    in: 'query',
    name: 'token',
    description: 'The same token in the URL; it may end in the logs of others.',
  },
};

/** Any one of the three ways, or none while no token was ever made. */
export const security = (scope: Scope): OpenApiObject[] => [
  ...Object.keys(securitySchemes).map((name) => ({ [name]: [scope] })),
  {},
];
