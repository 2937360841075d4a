import { WattduckError } from '../../errors/wattduck-error.ts';

/** Rows of one request to write. */
export interface WriteRequest {
  /** Requests of the same kind can be written in one batch; one without a kind is written alone. */
  kind?: string;
  bytes: number;
}

interface QueuedRequest<Request, Done> {
  request: Request;
  resolve(done: Done): void;
  reject(error: unknown): void;
}

/** Max bytes queued or being written. */
const maxQueuedBytes = 67_108_864;
/** Max bytes of a batch. */
const maxBatchBytes = 16_777_216;
/** Milliseconds to wait for the next requests of clients just answered: one large batch costs less than two small ones. */
const lingerMs = 10;

/**
 * Writes concurrent requests in batches: requests that arrive during one batch form the next. A batch that fails is retried
 * request by request, so that each client gets only its own error.
 */
export class BatchWriter<Request extends WriteRequest, Done> {
  readonly #write: (requests: readonly Request[]) => Promise<readonly Done[]>;
  #queue: QueuedRequest<Request, Done>[] = [];
  #bytes = 0;
  #isWriting = false;
  /** Called for each new request while the writer lingers. */
  #onArrival: (() => void) | undefined;

  /** @param write writes all requests or none, and returns one result per request */
  constructor(write: (requests: readonly Request[]) => Promise<readonly Done[]>) {
    this.#write = write;
  }

  /**
   * Writes a request, alone or in a batch.
   * @throws WattduckError (write_queue_full); after any error, nothing of the request was written
   */
  async add(request: Request): Promise<Done> {
    this.assertNotFull(request.bytes);
    this.#bytes += request.bytes;
    try {
      return await new Promise<Done>((resolve, reject) => {
        this.#queue.push({ request, resolve, reject });
        if (!this.#isWriting) void this.#writeAll();
        this.#onArrival?.();
      });
    } finally {
      this.#bytes -= request.bytes;
    }
  }

  /** An empty queue accepts a request of any size. @throws WattduckError (write_queue_full) */
  assertNotFull(bytes = 0): void {
    if (this.#bytes === 0 || this.#bytes + bytes <= maxQueuedBytes) return;
    throw new WattduckError('write_queue_full');
  }

  async #writeAll(): Promise<void> {
    this.#isWriting = true;
    while (this.#queue.length > 0) {
      const batch = this.#nextBatch();
      await this.#writeBatch(batch);
      await this.#linger(this.#queue.length + batch.length);
    }
    this.#isWriting = false;
  }

  /** Waits until every client just answered has had a chance to send again, but never longer than lingerMs. */
  async #linger(expectedCount: number): Promise<void> {
    if (expectedCount === 1) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, lingerMs);
      this.#onArrival = () => {
        if (this.#queue.length < expectedCount) return;
        clearTimeout(timer);
        resolve();
      };
    });
    this.#onArrival = undefined;
  }

  /** The oldest request, with others of its kind. */
  #nextBatch(): QueuedRequest<Request, Done>[] {
    const [first] = this.#queue;
    const batch: QueuedRequest<Request, Done>[] = [];
    const rest: QueuedRequest<Request, Done>[] = [];
    let bytes = 0;
    for (const each of this.#queue) {
      const fits =
        each === first ||
        (each.request.kind !== undefined &&
          each.request.kind === first!.request.kind &&
          bytes + each.request.bytes <= maxBatchBytes);
      if (fits) bytes += each.request.bytes;
      (fits ? batch : rest).push(each);
    }
    this.#queue = rest;
    return batch;
  }

  async #writeBatch(batch: readonly QueuedRequest<Request, Done>[]): Promise<void> {
    try {
      const results = await this.#write(batch.map(({ request }) => request));
      batch.forEach(({ resolve }, at) => resolve(results[at]!));
    } catch (error) {
      if (batch.length === 1) batch[0]!.reject(error);
      else for (const each of batch) await this.#writeBatch([each]);
    }
  }
}
