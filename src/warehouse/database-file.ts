import {
  closeSync,
  createReadStream,
  createWriteStream,
  existsSync,
  fstatSync,
  openSync,
  readSync,
  statSync,
} from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { identityOf } from './private-path.ts';
import type { WriteAheadLog } from './write-ahead-log.ts';

/** DuckDB's file begins with three headers of this size: the main one, and two that take turns at each checkpoint. */
const headerSize = 4096;
/** Where a header of a checkpoint says which one it is, how many blocks the file has, and how large they are. */
const headerOffsets = { iteration: 8, blocks: 32, blockSize: 40 };

/** The file DuckDB has open, and whether the path still leads to it, whole. */
export class DatabaseFile {
  readonly #path: string;
  readonly #identity: string;
  /** Stays open as long as DuckDB has the file: closing any descriptor of it would release the lock of the process. */
  readonly #descriptor: number;
  /** The last checkpoint seen, and the size the file has at least since then. */
  #lastCheckpoint = { iteration: -1n, size: 0 };

  constructor(path: string) {
    this.#path = path;
    this.#descriptor = openSync(path, 'r');
    this.#identity = identityOf(fstatSync(this.#descriptor, { bigint: true }));
    this.#isComplete();
  }

  /** What others did to the file; nothing where it is as DuckDB left it. */
  findDamage(): string | undefined {
    const found = statSync(this.#path, { bigint: true, throwIfNoEntry: false });
    if (found === undefined) return 'was deleted';
    if (identityOf(found) !== this.#identity) return 'was replaced';
    // A checkpoint may write its header between two looks.
    return this.#isComplete() || this.#isComplete() ? undefined : 'was cut short';
  }

  /**
   * Between two checkpoints DuckDB only makes the file longer. A checkpoint writes its header first and then cuts the file to the size the
   * header says, or leaves it shorter: blocks that were given back before anything was written to them are counted too.
   */
  #isComplete(): boolean {
    const bytes = Buffer.alloc(3 * headerSize);
    const isRead =
      readSync(this.#descriptor, bytes, 0, bytes.length, 0) === bytes.length &&
      bytes.toString('latin1', 8, 12) === 'DUCK';
    if (!isRead) return false;
    const [first, second] = [headerSize, 2 * headerSize].map((header) => {
      const [iteration, blocks, blockSize] = [
        headerOffsets.iteration,
        headerOffsets.blocks,
        headerOffsets.blockSize,
      ].map((offset) => bytes.readBigUInt64LE(header + offset));
      return { iteration: iteration!, size: 3 * headerSize + Number(blocks! * blockSize!) };
    });
    const newest = second!.iteration > first!.iteration ? second! : first!;
    const { size } = fstatSync(this.#descriptor);
    if (newest.iteration !== this.#lastCheckpoint.iteration)
      this.#lastCheckpoint = { iteration: newest.iteration, size: Math.min(size, newest.size) };
    return size >= this.#lastCheckpoint.size;
  }

  /**
   * Copies the file DuckDB has open, and its log, to a name beside the path that no longer leads to it; nobody may be writing to it.
   * Answers that name; nothing where the file is not whole.
   */
  async saveCopy(log: WriteAheadLog): Promise<string | undefined> {
    if (!this.#isComplete()) return undefined;
    const copy = `${this.#path}.saved-${process.pid}`;
    await pipeline(
      createReadStream('', { fd: this.#descriptor, start: 0, autoClose: false }),
      createWriteStream(copy, { mode: 0o600, flags: 'wx' }),
    );
    if (log.isIntact && existsSync(log.path)) await copyFile(log.path, `${copy}.wal`);
    return copy;
  }

  /** Only once DuckDB has closed the file. */
  close(): void {
    closeSync(this.#descriptor);
  }
}
