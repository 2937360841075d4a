import { statSync } from 'node:fs';

/** DuckDB's log of what is committed but not yet in the database file, and whether others touched it since the last look. */
export class WriteAheadLog {
  readonly path: string;
  #inode = 0;
  #size = 0;
  #isDoubtful = false;

  constructor(database: string) {
    this.path = `${database}.wal`;
    this.look();
  }

  /** Looks before a statement writes: another log than the last one seen, or a shorter one, is not what DuckDB wrote. */
  willWrite(): void {
    if (!this.isIntact) this.#isDoubtful = true;
    this.look();
  }

  /** Whether all of the log that was last seen is there still. */
  get isIntact(): boolean {
    const { inode, size } = this.#find();
    return this.#inode === 0 || (inode === this.#inode && size >= this.#size);
  }

  /** Looks after a commit. Answers whether what it wrote is in the log for certain; after a checkpoint there is none. */
  hasCommitted(): boolean {
    const before = this.#inode;
    this.look();
    const isCertain = !this.#isDoubtful && this.#inode !== 0 && (before === 0 || before === this.#inode);
    this.#isDoubtful = false;
    return isCertain;
  }

  /** Takes the log as it is for what DuckDB left: it makes it shorter again when a commit fails. */
  look(): void {
    ({ inode: this.#inode, size: this.#size } = this.#find());
  }

  #find(): { inode: number; size: number } {
    const found = statSync(this.path, { throwIfNoEntry: false });
    return { inode: found?.ino ?? 0, size: found?.size ?? 0 };
  }
}
