import { statSync } from 'node:fs';

/** DuckDB's log of what is committed but not yet in the database file, and whether others changed it since the last look. */
export class WriteAheadLog {
  readonly path: string;
  #inode = 0;
  #size = 0;
  #isDoubtful = false;

  constructor(database: string) {
    this.path = `${database}.wal`;
    this.#look();
  }

  /** Looks before a statement writes: DuckDB alone changes the log, and only then. */
  willWrite(): void {
    if (this.isUnchanged) return;
    this.#isDoubtful = true;
    this.#look();
  }

  /** Whether the log is as the last commit left it. */
  get isUnchanged(): boolean {
    const found = statSync(this.path, { throwIfNoEntry: false });
    return (found?.ino ?? 0) === this.#inode && (found?.size ?? 0) === this.#size;
  }

  /** Looks after a commit. Answers whether what it wrote is in the log for certain; after a checkpoint there is none. */
  hasCommitted(): boolean {
    const before = this.#inode;
    this.#look();
    const isCertain = !this.#isDoubtful && this.#inode !== 0 && (before === 0 || before === this.#inode);
    this.#isDoubtful = false;
    return isCertain;
  }

  #look(): void {
    const found = statSync(this.path, { throwIfNoEntry: false });
    [this.#inode, this.#size] = [found?.ino ?? 0, found?.size ?? 0];
  }
}
