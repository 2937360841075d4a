import type { FastifyRequest } from 'fastify';
import { interrupted, WattduckError } from '../errors.ts';

/** When work for a request is to be broken off: its client has left, or its time is up. */
export interface Deadline {
  signal: AbortSignal;
  /** Whether it was the time. */
  readonly hasPassed: boolean;
  /** Gives it its whole time again. */
  refresh(): void;
  clear(): void;
}

export function stopsFor(request: FastifyRequest, seconds: number): Deadline {
  const stop = new AbortController();
  let hasPassed = false;
  const timer = setTimeout(() => {
    hasPassed = true;
    stop.abort(interrupted());
  }, seconds * 1000);
  const leave = (): void => stop.abort(interrupted());
  const { socket } = request.raw;
  // As many requests may wait on one connection as its client likes to send.
  socket.setMaxListeners(0);
  socket.once('close', leave);
  if (socket.destroyed) leave();
  return {
    signal: stop.signal,
    get hasPassed() {
      return hasPassed;
    },
    refresh: () => void timer.refresh(),
    clear: () => {
      clearTimeout(timer);
      socket.off('close', leave);
    },
  };
}

export const tookTooLong = (seconds: number, cause: unknown): WattduckError =>
  new WattduckError('timed_out', `the query took more than ${seconds} seconds`, 'Ask for a shorter period, or give serve a longer --timeout.', cause);
