import type { FastifyRequest } from 'fastify';
import { interruptedError, WattduckError } from '../../errors/wattduck-error.ts';
import { clipped } from '../../text/plain-text.ts';

/**
 * Does work for a request, and breaks it off when its client leaves or its time is up.
 * @throws WattduckError (timeout) where that was the time; what the work throws otherwise
 */
export async function withDeadline<T>(
  request: FastifyRequest,
  seconds: number,
  work: (deadline: Deadline) => Promise<T>,
): Promise<T> {
  const deadline = createDeadline(request, seconds);
  try {
    return await Promise.race([work(deadline), rejectAfterGrace(deadline)]);
  } catch (error) {
    throw deadline.hasPassed ? timeoutError(seconds, error) : error;
  } finally {
    deadline.clear();
  }
}

/** Milliseconds that cancelled work may take to end; then the client is answered in any case. */
const cancelGraceMs = 1000;

const rejectAfterGrace = ({ signal }: Deadline): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => setTimeout(() => reject(signal.reason as Error), cancelGraceMs).unref(), {
      once: true,
    });
  });

/** When work for a request is to be broken off: its client has left, or its time is up. */
export interface Deadline {
  signal: AbortSignal;
  /** Whether it was the time. */
  readonly hasPassed: boolean;
  /** Gives it its whole time again. */
  refresh(): void;
  clear(): void;
}

function createDeadline(request: FastifyRequest, seconds: number): Deadline {
  const controller = new AbortController();
  let hasPassed = false;
  const timer = setTimeout(() => {
    hasPassed = true;
    controller.abort(interruptedError());
  }, seconds * 1000);
  const cancel = (): void => controller.abort(interruptedError());
  const { socket } = request.raw;
  // As many requests may wait on one connection as its client likes to send.
  socket.setMaxListeners(0);
  socket.once('close', cancel);
  if (socket.destroyed) cancel();
  return {
    signal: controller.signal,
    get hasPassed() {
      return hasPassed;
    },
    refresh: () => void timer.refresh(),
    clear: () => {
      clearTimeout(timer);
      socket.off('close', cancel);
    },
  };
}

const timeoutError = (seconds: number, cause: unknown): WattduckError =>
  new WattduckError(
    'timeout',
    clipped`the query took more than ${seconds} seconds`,
    'Ask for a shorter period, or give serve a longer --timeout.',
    cause,
  );
