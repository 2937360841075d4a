import { STATUS_CODES } from 'node:http';
import type { FastifyError } from 'fastify';
import type { ErrorCode } from '../../errors/catalog.ts';
import { errorKinds, type ErrorKind } from '../../errors/kinds.ts';
import { WattduckError } from '../../errors/wattduck-error.ts';
import { clipMessage } from '../../text/plain-text.ts';

/** The conventions a route follows; each has its own form of errors. */
export type Protocol = 'tinybird' | 'analytics' | 'charging_events';

/** Path of a request's URL, which may be absolute. */
export const pathOf = (url: string): string => url.replace(/^https?:\/\/[^/?]*/i, '').split('?')[0]!;

export function protocolOf(url: string): Protocol {
  const path = pathOf(url);
  if (path.startsWith('/v0/')) return 'tinybird';
  return path.startsWith('/charging-events/') ? 'charging_events' : 'analytics';
}

/** Statuses that differ in the hosted service of a protocol. */
const statusOverrides: Record<Protocol, Partial<Record<ErrorKind, number>>> = {
  tinybird: { unauthorized: 403, timeout: 408 },
  analytics: {},
  charging_events: {},
};

/** HTTP status of an error. */
export const statusOf = ({ kind }: Pick<WattduckError, 'kind'>, protocol: Protocol): number =>
  statusOverrides[protocol][kind] ?? errorKinds[kind].http;

/** Response body of an error, in the form of the protocol. */
export function bodyOf(
  error: WattduckError,
  protocol: Protocol,
  status = statusOf(error, protocol),
): Record<string, unknown> {
  switch (protocol) {
    case 'tinybird':
      return { error: error.fullMessage, documentation: '/docs' };
    case 'charging_events':
      return { statusCode: status, message: [error.fullMessage], error: STATUS_CODES[status] ?? 'Error' };
    case 'analytics':
      return {
        error: { code: error.code, message: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) },
      };
  }
}

const codesByFastifyCode = {
  FST_ERR_BAD_URL: 'malformed_url',
  FST_ERR_MAX_PARAM_LENGTH: 'path_segment_too_long',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'content_length_mismatch',
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_content_type',
  FST_ERR_CTP_INVALID_JSON_BODY: 'invalid_json',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'empty_json_body',
} as const satisfies Record<string, ErrorCode>;

const codesByStatus = { 408: 'request_timeout', 415: 'unsupported_content_type' } as const satisfies Record<
  number,
  ErrorCode
>;

/** The catalogued form of a 4xx error of Fastify or its plugins; undefined for any other error. */
export function toClientError(error: FastifyError): WattduckError | undefined {
  const status = error.statusCode ?? 500;
  if (status >= 500) return undefined;
  const code =
    codesByFastifyCode[error.code as keyof typeof codesByFastifyCode] ??
    codesByStatus[status as keyof typeof codesByStatus];
  if (code !== undefined) return new WattduckError(code, {}, error);
  const reason = clipMessage(error.message);
  return new WattduckError(status === 413 ? 'request_too_large' : 'invalid_request', { reason }, error);
}

/** Error for a request the HTTP parser rejected, by Node's error code. */
export function socketError(code: string | undefined): WattduckError {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new WattduckError('request_timeout');
  return new WattduckError(code === 'HPE_HEADER_OVERFLOW' ? 'headers_too_large' : 'malformed_request');
}
