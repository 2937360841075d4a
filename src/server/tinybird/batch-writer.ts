import { WattduckError } from '../../errors.ts';

/** Something to be written. */
export interface Piece {
  /** Pieces of one kind may be written together; one without a kind by itself alone. */
  kind?: string;
  bytes: number;
}

interface Waiting<P, Done> {
  piece: P;
  resolve(done: Done): void;
  reject(error: unknown): void;
}

/** Most bytes that may wait, those under way among them. */
const mostWaiting = 67_108_864;
/** Most bytes that are written together. */
const largestBatch = 16_777_216;
/** Milliseconds those who were just answered have to send their next, while others wait: one large batch costs less than two. */
const pause = 10;

/**
 * Writes what comes from many at once together: what arrives while one batch is written is the next. A batch that fails is
 * written piece by piece, so that each sender hears of its own alone.
 */
export class Batches<P extends Piece, Done> {
  readonly #write: (pieces: readonly P[]) => Promise<readonly Done[]>;
  #waiting: Waiting<P, Done>[] = [];
  #bytes = 0;
  #isWriting = false;
  /** Told of each piece that comes, while more are waited for. */
  #hasCome: (() => void) | undefined;

  /** @param write writes pieces whole, or none of them, and answers for each */
  constructor(write: (pieces: readonly P[]) => Promise<readonly Done[]>) {
    this.#write = write;
  }

  /**
   * Writes a piece, alone or with others.
   * @throws WattduckError (too_many) where too much waits already; whatever is thrown, nothing of the piece was written
   */
  async add(piece: P): Promise<Done> {
    this.refuseIfFull(piece.bytes);
    this.#bytes += piece.bytes;
    try {
      return await new Promise<Done>((resolve, reject) => {
        this.#waiting.push({ piece, resolve, reject });
        if (!this.#isWriting) void this.#writeAll();
        this.#hasCome?.();
      });
    } finally {
      this.#bytes -= piece.bytes;
    }
  }

  /** One piece is taken whatever its size, where none waits. */
  refuseIfFull(more = 0): void {
    if (this.#bytes === 0 || this.#bytes + more <= mostWaiting) return;
    throw new WattduckError(
      'too_many',
      'more rows wait to be written than there is room for',
      'Send them again in a second.',
    );
  }

  async #writeAll(): Promise<void> {
    this.#isWriting = true;
    while (this.#waiting.length > 0) {
      const batch = this.#next();
      await this.#writeBatch(batch);
      await this.#untilAgain(this.#waiting.length + batch.length);
    }
    this.#isWriting = false;
  }

  /** Waits until so many wait as would, if each who was answered sent again; nobody else is kept waiting for long. */
  async #untilAgain(wanted: number): Promise<void> {
    if (wanted === 1) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, pause);
      this.#hasCome = () => {
        if (this.#waiting.length < wanted) return;
        clearTimeout(timer);
        resolve();
      };
    });
    this.#hasCome = undefined;
  }

  /** The piece that waits longest, with others of its kind. */
  #next(): Waiting<P, Done>[] {
    const [first] = this.#waiting;
    const batch: Waiting<P, Done>[] = [];
    const rest: Waiting<P, Done>[] = [];
    let bytes = 0;
    for (const each of this.#waiting) {
      const goesWith =
        each === first ||
        (each.piece.kind !== undefined &&
          each.piece.kind === first!.piece.kind &&
          bytes + each.piece.bytes <= largestBatch);
      if (goesWith) bytes += each.piece.bytes;
      (goesWith ? batch : rest).push(each);
    }
    this.#waiting = rest;
    return batch;
  }

  async #writeBatch(batch: readonly Waiting<P, Done>[]): Promise<void> {
    try {
      const done = await this.#write(batch.map(({ piece }) => piece));
      batch.forEach(({ resolve }, at) => resolve(done[at]!));
    } catch (error) {
      if (batch.length === 1) batch[0]!.reject(error);
      else for (const each of batch) await this.#writeBatch([each]);
    }
  }
}
