import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { socketError } from './error-responses.ts';
import { securityHeaders } from './security-headers.ts';

const statusLines: Record<string, string> = {
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
};

/** Refuses, on its bare socket, what never became a request; into an answer that has begun nothing is mixed. */
export function handleClientError(
  { code = '' }: { code?: string },
  socket: Socket & { _httpMessage?: ServerResponse | null },
): void {
  if (code === 'ECONNRESET' || !socket.writable || socket._httpMessage?.headersSent === true) {
    socket.destroy();
    return;
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
  socket.write(`HTTP/1.1 ${statusLines[code] ?? '400 Bad Request'}\r\n${head}\r\n${body}`);
  socket.destroySoon();
}
