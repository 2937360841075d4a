import { existsSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { WattduckError } from '../errors.ts';
import { clipped } from '../plain-text.ts';
import { literal, type Engine } from '../warehouse/engine.ts';

/** Endings of files that may be tables. */
const tabular = /\.((csv|tsv|txt|json|jsonl|ndjson)(\.(gz|zst))?|parquet)$/i;

/** The files that names, folders and patterns stand for, and how many in the folders are none to take in. */
export async function filesMeant(engine: Engine, names: readonly string[]): Promise<{ files: string[]; passedOver: number }> {
  const files: string[] = [];
  let passedOver = 0;
  for (const name of names) {
    if (name !== '-' && existsSync(name) && statSync(name).isDirectory()) {
      const inside = (await readdir(name, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
      const meant = inside.filter((path) => tabular.test(path)).toSorted();
      if (meant.length === 0) throw new WattduckError('not_found', clipped`${name} holds no CSV, NDJSON, JSON or Parquet file`, 'Name the files themselves where they end otherwise.');
      passedOver += inside.length - meant.length;
      files.push(...meant);
    } else if (name !== '-' && !existsSync(name) && /[*?[]/.test(name)) {
      const found = (await engine.rows(`select file from glob(${literal(name)}) order by file`)).map(({ file }) => String(file));
      if (found.length === 0) throw new WattduckError('not_found', clipped`no file is like ${name}`, 'Check the pattern.');
      files.push(...found);
    } else files.push(name);
  }
  return { files, passedOver };
}
