import { WattduckError } from '../../errors/wattduck-error.ts';

/** Something to be written. */
export interface WriteRequest {
  /** Pieces of one kind may be written together; one without a kind by itself alone. */
  kind?: string;
  bytes: number;
}

interface QueuedRequest<P, Done> {
  request: P;
  resolve(done: Done): void;
  reject(error: unknown): void;
}

/** Most bytes that may wait, those under way among them. */
const maxQueuedBytes = 67_108_864;
/** Most bytes that are written together. */
const maxBatchBytes = 16_777_216;
/** Milliseconds those who were just answered have to send their next, while others wait: one large batch costs less than two. */
const lingerMs = 10;

/**
 * Writes what comes from many at once together: what arrives while one batch is written is the next. A batch that fails is
 * written piece by piece, so that each sender hears of its own alone.
 */
export class BatchWriter<P extends WriteRequest, Done> {
  readonly #write: (requests: readonly P[]) => Promise<readonly Done[]>;
  #queue: QueuedRequest<P, Done>[] = [];
  #bytes = 0;
  #isWriting = false;
  /** Told of each piece that comes, while more are waited for. */
  #onArrival: (() => void) | undefined;

  /** @param write writes pieces whole, or none of them, and answers for each */
  constructor(write: (requests: readonly P[]) => Promise<readonly Done[]>) {
    this.#write = write;
  }

  /**
   * Writes a piece, alone or with others.
   * @throws WattduckError (too_many_requests) where too much waits already; whatever is thrown, nothing of the piece was written
   */
  async add(request: P): Promise<Done> {
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

  /** One piece is taken whatever its size, where none waits. */
  assertNotFull(bytes = 0): void {
    if (this.#bytes === 0 || this.#bytes + bytes <= maxQueuedBytes) return;
    throw new WattduckError(
      'too_many_requests',
      'more rows wait to be written than there is room for',
      'Send them again in a second.',
    );
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

  /** Waits until so many wait as would, if each who was answered sent again; nobody else is kept waiting for long. */
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

  /** The piece that waits longest, with others of its kind. */
  #nextBatch(): QueuedRequest<P, Done>[] {
    const [first] = this.#queue;
    const batch: QueuedRequest<P, Done>[] = [];
    const rest: QueuedRequest<P, Done>[] = [];
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

  async #writeBatch(batch: readonly QueuedRequest<P, Done>[]): Promise<void> {
    try {
      const results = await this.#write(batch.map(({ request }) => request));
      batch.forEach(({ resolve }, at) => resolve(results[at]!));
    } catch (error) {
      if (batch.length === 1) batch[0]!.reject(error);
      else for (const each of batch) await this.#writeBatch([each]);
    }
  }
}
