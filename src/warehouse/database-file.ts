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

/** Bytes of each of the three headers of a DuckDB file: the main one, and two that alternate at each checkpoint. */
const headerSize = 4096;
/** Offsets in a checkpoint header: its number, the number of blocks, and the block size in bytes. */
const headerOffsets = { iteration: 8, blocks: 32, blockSize: 40 };

/** The file DuckDB has open, and whether the path still leads to it undamaged. */
export class DatabaseFile {
  readonly #path: string;
  readonly #identity: string;
  /** Stays open as long as DuckDB uses the file: closing any descriptor would release the lock of the process. */
  readonly #descriptor: number;
  /** The last checkpoint, and the minimum size of the file since then, in bytes. */
  #lastCheckpoint = { iteration: -1n, size: 0 };

  constructor(path: string) {
    this.#path = path;
    this.#descriptor = openSync(path, 'r');
    this.#identity = identityOf(fstatSync(this.#descriptor, { bigint: true }));
    this.#isComplete();
  }

  /** Damage another process did to the file, such as `was deleted`; undefined if it is intact. */
  findDamage(): string | undefined {
    const stats = statSync(this.#path, { bigint: true, throwIfNoEntry: false });
    if (stats === undefined) return 'was deleted';
    if (identityOf(stats) !== this.#identity) return 'was replaced';
    // A checkpoint may write its header during the first check.
    return this.#isComplete() || this.#isComplete() ? undefined : 'was truncated';
  }

  /**
   * Between checkpoints DuckDB only extends the file. A checkpoint writes its header first and then truncates the file to
   * the size in the header. The file may be shorter, because the header also counts freed blocks that were never written.
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
   * Copies the open file and its log next to the path that no longer leads to it. No statement may write meanwhile.
   * Returns the path of the copy; undefined if the file is truncated.
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

  /** Must be called after DuckDB has closed the file. */
  close(): void {
    closeSync(this.#descriptor);
  }
}
