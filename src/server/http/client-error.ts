import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { socketError } from './error-responses.ts';
import { securityHeaders } from './security-headers.ts';

const statusByCode: Record<string, number> = { ERR_HTTP_REQUEST_TIMEOUT: 408, HPE_HEADER_OVERFLOW: 431 };

/**
 * Answers a request the HTTP parser rejected, on its raw socket, unless a response has already begun.
 * Returns the status; undefined without an answer.
 */
export function handleClientError(
  { code = '' }: { code?: string },
  socket: Socket & { _httpMessage?: ServerResponse | null },
): number | undefined {
  if (code === 'ECONNRESET' || !socket.writable || socket._httpMessage?.headersSent === true) {
    socket.destroy();
    return undefined;
  }
  const body = JSON.stringify({ error: socketError(code).fullMessage, documentation: '/docs' });
  const headers = {
    ...securityHeaders,
    connection: 'close',
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
  };
  const head = Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
  const status = statusByCode[code] ?? 400;
  socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${head}\r\n${body}`);
  socket.destroySoon();
  return status;
}
