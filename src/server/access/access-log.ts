import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Io, OutputStream } from '../../io.ts';
import type { LogFormat } from '../../settings.ts';
import { pluralize } from '../../text/format-number.ts';
import { plainLine } from '../../text/plain-text.ts';
import { routeOf } from '../http/route-pattern.ts';
import { clientClosedRequest } from './request-log.ts';

/** One finished request. It has no value that a client chose: neither path nor query, neither address nor token. */
interface AccessEntry {
  /** Undefined if the request could not be parsed. */
  method: string | undefined;
  /** Route pattern, or `unknown`. */
  route: string;
  status: number;
  milliseconds: number;
  /** Rows of the answer or of the body; undefined if the route has none. */
  rows?: number | undefined;
  /** Name of the token. */
  token?: string | undefined;
}

/** Writes a finished request to the log. */
export type LogAccess = (entry: AccessEntry) => void;

/** Creates the log. @param io clock, and the stream that gets one line per request */
export const createAccessLog = (format: LogFormat, { now, stderr }: Pick<Io, 'now' | 'stderr'>): LogAccess => {
  if (format === 'none') return () => undefined;
  const formatEntry = format === 'json' ? jsonLine : textLine;
  return (entry) => void stderr.write(`${formatEntry(now().toISOString(), entry)}\n`);
};

const jsonLine = (time: string, { method, route, status, milliseconds, rows, token }: AccessEntry): string =>
  JSON.stringify({
    time,
    method: method ?? null,
    route,
    status,
    ms: Number(milliseconds.toFixed(1)),
    rows: rows ?? null,
    token: token ?? null,
  });

/** A token name may have spaces and quotes, so it comes last and quoted. */
const textLine = (time: string, { method = '-', route, status, milliseconds, rows, token }: AccessEntry): string =>
  plainLine(
    [
      `${time} ${method} ${route} ${status} ${Math.round(milliseconds)} ms`,
      ...(rows === undefined ? [] : [pluralize(rows, 'row')]),
      ...(token === undefined ? [] : [`token ${JSON.stringify(token)}`]),
    ].join(', '),
  );

/** Logs every request. */
export function addAccessLog(app: FastifyInstance, log: LogAccess): void {
  app.addHook('onRequest', async (request, reply) => logAtEnd(request, reply, log));
}

/** Logs a request at the end of its response, or when its client disconnects before. */
export function logAtEnd(request: FastifyRequest, reply: FastifyReply, log: LogAccess): void {
  let isLogged = false;
  const finish = (status: number): void => {
    if (isLogged) return;
    isLogged = true;
    log({
      method: request.method,
      route: routeOf(request),
      status,
      milliseconds: reply.elapsedTime,
      rows: status < 300 ? request.rows : undefined,
      token: request.caller?.name,
    });
  };
  reply.raw.once('finish', () => finish(reply.raw.statusCode));
  reply.raw.once('close', () => finish(clientClosedRequest));
}

/** Makes every other message one line of JSON too, so that a program can parse all lines of the log. */
export function withJsonMessages<T extends Pick<Io, 'now' | 'stderr'>>(io: T): T {
  const { now, stderr } = io;
  const write = (text: string): unknown =>
    stderr.write(`${JSON.stringify({ time: now().toISOString(), message: text.trimEnd() })}\n`);
  return { ...io, stderr: { ...stderr, isTTY: false, write } satisfies OutputStream };
}
