import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, readdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';
import { wattduck } from './cli.ts';

/** The files in a folder, or the file itself. */
const filesIn = (path: string): string[] =>
  statSync(path).isDirectory()
    ? readdirSync(path)
        .toSorted()
        .flatMap((name) => filesIn(join(path, name)))
    : [path];

/** Creates a database of files and folders: a copy of one that a test made of the same files before, or else a new import. */
export async function importFiles(files: readonly string[], db: string): Promise<void> {
  const hash = createHash('sha256');
  for (const file of files.flatMap(filesIn)) hash.update(`${file}\0`).update(readFileSync(file));
  const shared = join(inject('sharedDatabases'), `${hash.digest('hex')}.duckdb`);
  if (!existsSync(shared)) {
    const { status, stderr } = await wattduck(['ingest', ...files, '--db', db]);
    if (status !== 0) throw new Error(stderr);
    copyFileSync(db, `${shared}.${process.pid}`);
    renameSync(`${shared}.${process.pid}`, shared);
  } else copyFileSync(shared, db);
}
