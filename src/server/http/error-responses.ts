import type { FastifyError } from 'fastify';
import { errorKinds, type ErrorKind } from '../../errors/kinds.ts';
import { WattduckError } from '../../errors/wattduck-error.ts';
import { clipMessage } from '../../text/plain-text.ts';

/** Whose conventions a route follows: each has its own form of an error. */
export type Protocol = 'tinybird' | 'analytics' | 'charging_events';

/** The path of a request's URL, which may be a whole one. */
export const pathOf = (url: string): string => url.replace(/^https?:\/\/[^/?]*/i, '').split('?')[0]!;

export function protocolOf(url: string): Protocol {
  const path = pathOf(url);
  if (path.startsWith('/v0/')) return 'tinybird';
  return path.startsWith('/charging-events/') ? 'charging_events' : 'analytics';
}

/** Statuses the hosted service of a protocol answers otherwise. */
const statusOverrides: Record<Protocol, Partial<Record<ErrorKind, number>>> = {
  tinybird: { unauthorized: 403, timeout: 408 },
  analytics: {},
  charging_events: {},
};

export const statusOf = ({ kind }: WattduckError, protocol: Protocol): number =>
  statusOverrides[protocol][kind] ?? errorKinds[kind].http;

/** The body of an error, as clients of the protocol read it. */
export function bodyOf(
  error: WattduckError,
  protocol: Protocol,
  status = statusOf(error, protocol),
): Record<string, unknown> {
  switch (protocol) {
    case 'tinybird':
      return { error: error.fullMessage, documentation: '/docs' };
    case 'charging_events':
      return { statusCode: status, message: [error.fullMessage], error: statusPhrases[status] ?? 'Error' };
    case 'analytics':
      return {
        error: { code: error.kind, message: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) },
      };
  }
}

const statusPhrases: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  413: 'Payload Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Entity',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

const kindsByStatus: Record<number, ErrorKind> = {
  404: 'not_found',
  405: 'method_not_allowed',
  408: 'timeout',
  413: 'payload_too_large',
  415: 'unsupported_media_type',
  429: 'too_many_requests',
};

/** What the HTTP library says of a request it can't read, in our words; undefined for a fault of ours. */
export function toClientError(error: FastifyError): WattduckError | undefined {
  const status = error.statusCode ?? 500;
  if (status >= 500) return undefined;
  const [message, hint] = fastifyMessages[error.code] ?? [clipMessage(error.message)];
  return new WattduckError(kindsByStatus[status] ?? 'usage', message, hint, error);
}

export const badUrl: [message: string, hint: string] = [
  'the URL has a % that begins no character',
  'Write % itself as %25.',
];

const fastifyMessages: Record<string, [message: string, hint: string]> = {
  FST_ERR_BAD_URL: badUrl,
  FST_ERR_MAX_PARAM_LENGTH: ['a part of the path is too long', 'At most 1000 characters are accepted.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['the body is not as long as its Content-Length says', 'Send it whole.'],
  FST_ERR_CTP_BODY_TOO_LARGE: [
    'the body is too large',
    'Send it in parts, or wattduck ingest the file where the database is.',
  ],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['the content type of the body is not known here', 'See /docs for those that are.'],
  FST_ERR_CTP_INVALID_JSON_BODY: ['the body is no JSON', 'Check it with a JSON tool.'],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['the body is empty, though its type is JSON', 'Send {} where there is nothing to say.'],
};

/** What the HTTP parser refuses before there is a request. */
export function socketError(code: string | undefined): WattduckError {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new WattduckError('timeout', 'the request did not come to its end in time', 'Send all of it at once.');
  if (code === 'HPE_HEADER_OVERFLOW')
    return new WattduckError('usage', 'the headers are too large', 'Send long parameters in the body of a POST.');
  return new WattduckError('usage', 'the request is no HTTP', 'Is there a blank in the URL? Write it %20.');
}
