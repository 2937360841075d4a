import { statSync } from 'node:fs';

/** DuckDB's write-ahead log, and whether another process changed it since the last check. */
export class WriteAheadLog {
  readonly path: string;
  #inode = 0;
  #size = 0;
  #isSuspect = false;

  constructor(database: string) {
    this.path = `${database}.wal`;
    this.refresh();
  }

  /** Checks the log before a statement writes: a different or shorter one was not written by DuckDB. */
  beforeWrite(): void {
    if (!this.isIntact) this.#isSuspect = true;
    this.refresh();
  }

  /** Whether the log still contains everything from the last check. */
  get isIntact(): boolean {
    const { inode, size } = this.#stat();
    return this.#inode === 0 || (inode === this.#inode && size >= this.#size);
  }

  /** Checks the log after a commit. Returns whether the commit is certainly in it; a checkpoint removes the log. */
  afterCommit(): boolean {
    const previousInode = this.#inode;
    this.refresh();
    const isCertain = !this.#isSuspect && this.#inode !== 0 && (previousInode === 0 || previousInode === this.#inode);
    this.#isSuspect = false;
    return isCertain;
  }

  /** Accepts the log as it is now: DuckDB truncates it when a commit fails. */
  refresh(): void {
    ({ inode: this.#inode, size: this.#size } = this.#stat());
  }

  #stat(): { inode: number; size: number } {
    const stats = statSync(this.path, { throwIfNoEntry: false });
    return { inode: stats?.ino ?? 0, size: stats?.size ?? 0 };
  }
}
