import type { FastifyRequest } from 'fastify';
import { interruptedError, WattduckError } from '../../errors/wattduck-error.ts';
import { pluralize } from '../../text/format-number.ts';

/**
 * Runs work for a request, and cancels it when the client disconnects or the time is up.
 * @param seconds max duration
 * @throws WattduckError (query_timeout), or whatever the work throws
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

/** Milliseconds that cancelled work has to end before the client gets a response anyway. */
const cancelGraceMs = 1000;

const rejectAfterGrace = ({ signal }: Deadline): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => setTimeout(() => reject(signal.reason as Error), cancelGraceMs).unref(), {
      once: true,
    });
  });

/** Cancels the work for a request when the client disconnects or the time is up. */
export interface Deadline {
  signal: AbortSignal;
  /** True if the time is up. */
  readonly hasPassed: boolean;
  /** Restarts the time. */
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
  // A client may pipeline any number of requests on one connection.
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
  new WattduckError('query_timeout', { limit: pluralize(seconds, 'second') }, cause);
