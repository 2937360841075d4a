import { statSync } from 'node:fs';

/** DuckDB's log of what is committed but not yet in the database file, and whether others touched it since the last look. */
export class WriteAheadLog {
  readonly path: string;
  #inode = 0;
  #size = 0;
  #isSuspect = false;

  constructor(database: string) {
    this.path = `${database}.wal`;
    this.refresh();
  }

  /** Looks before a statement writes: another log than the last one seen, or a shorter one, is not what DuckDB wrote. */
  beforeWrite(): void {
    if (!this.isIntact) this.#isSuspect = true;
    this.refresh();
  }

  /** Whether all of the log that was last seen is there still. */
  get isIntact(): boolean {
    const { inode, size } = this.#stat();
    return this.#inode === 0 || (inode === this.#inode && size >= this.#size);
  }

  /** Looks after a commit. Answers whether what it wrote is in the log for certain; after a checkpoint there is none. */
  afterCommit(): boolean {
    const previousInode = this.#inode;
    this.refresh();
    const isCertain = !this.#isSuspect && this.#inode !== 0 && (previousInode === 0 || previousInode === this.#inode);
    this.#isSuspect = false;
    return isCertain;
  }

  /** Takes the log as it is for what DuckDB left: it makes it shorter again when a commit fails. */
  refresh(): void {
    ({ inode: this.#inode, size: this.#size } = this.#stat());
  }

  #stat(): { inode: number; size: number } {
    const found = statSync(this.path, { throwIfNoEntry: false });
    return { inode: found?.ino ?? 0, size: found?.size ?? 0 };
  }
}
