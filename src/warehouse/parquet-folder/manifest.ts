import { randomUUID } from 'node:crypto';
import { renameSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { toFileError } from '../../errors/system-error.ts';
import { WattduckError } from '../../errors/wattduck-error.ts';
import { syncPath } from '../sync-path.ts';

/** The file that lists the current files of a Parquet folder; replacing it publishes a new state. */
export const manifestName = 'manifest.json';

/** Version of the folder's layout. */
export const formatVersion = 1;
/** Oldest schema version that can be read: columns added later are null. */
export const minSchemaVersion = 7;

/** Max bytes of a manifest; 10,000 files take about 2 MB. */
const maxBytes = 67_108_864;

/** Path of a data file in the folder. It has no characters that DuckDB reads as a pattern, and cannot lead outside. */
export const filePattern = /^([\p{L}\p{N}_]+)\/(?:month=(\d{4}-\d{2}|other)\/)?\d{6,}-[0-9a-f]{8}\.parquet$/u;
/** Names of tables, which are names of folders too. */
export const tablePattern = /^[\p{L}\p{N}_]+$/u;

const count = z.number().check(z.int(), z.nonnegative());
const dataPath = z.string().check(z.regex(filePattern, { error: 'is not the path of a data file in the folder' }));
const fileSchema = z.object({
  path: dataPath,
  rows: count,
  bytes: count,
  /** Hash of its rows, whatever their order. */
  hash: z.string().check(z.regex(/^[\d/-]+$/)),
  /** Columns with the same value, or null, in all rows: reports need not read them. */
  constants: z.record(z.string(), z.nullable(z.string())),
});
const manifestSchema = z.object({
  format: z.literal('wattduck-parquet'),
  formatVersion: z.literal(formatVersion),
  schemaVersion: count,
  /** Version of wattduck that wrote it. */
  wattduck: z.string(),
  /** Version of DuckDB that computed the hashes: another version may hash in another way. */
  duckdb: z.string(),
  /** Rises with each export that changed something. */
  generation: count,
  exportedAt: z.string(),
  tables: z.record(
    z.string().check(z.regex(tablePattern)),
    z.object({
      columns: z.array(z.object({ name: z.string(), type: z.string() })),
      files: z.array(fileSchema),
    }),
  ),
  /** Replaced files, kept for a while for readers that still use them. */
  retired: z.array(z.object({ path: dataPath, at: z.string() })),
});

export type Manifest = z.infer<typeof manifestSchema>;
export type FolderTable = Manifest['tables'][string];
export type FolderFile = FolderTable['files'][number];

/** The month of a data file, such as `2025-01`; undefined for a table in one file. */
export const monthOf = ({ path }: Pick<FolderFile, 'path'>): string | undefined => filePattern.exec(path)?.[2];

/** Bytes of all current files. */
export const bytesOf = ({ tables }: Pick<Manifest, 'tables'>): number =>
  Object.values(tables)
    .flatMap(({ files }) => files)
    .reduce((sum, { bytes }) => sum + bytes, 0);

/**
 * Reads the manifest of a folder.
 * @throws WattduckError (folder_without_manifest, folder_invalid_manifest, folder_too_new)
 */
export async function readManifest(folder: string): Promise<Manifest> {
  const path = join(folder, manifestName);
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      throw new WattduckError('folder_without_manifest', { path: folder }, error);
    throw toFileError(error, path);
  });
  return parseManifest(text, path, folder);
}

function parseManifest(text: string, path: string, folder: string): Manifest {
  const invalid = (reason: string, cause?: unknown): WattduckError =>
    new WattduckError('folder_invalid_manifest', { path, reason }, cause);
  if (text.length > maxBytes) throw invalid('it is too large');
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw invalid('it is not JSON', error);
  }
  const { formatVersion: version, wattduck } = Object(content) as Partial<Record<string, unknown>>;
  if (typeof version === 'number' && version > formatVersion)
    throw new WattduckError('folder_too_new', { path: folder, version: String(wattduck) });
  const parsed = manifestSchema.safeParse(content);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw invalid(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`, parsed.error);
  }
  assertConsistent(parsed.data, invalid);
  return parsed.data;
}

/** Each file belongs to its table and occurs once. */
function assertConsistent({ tables }: Manifest, invalid: (reason: string) => WattduckError): void {
  for (const [table, { columns, files }] of Object.entries(tables)) {
    if (new Set(columns.map(({ name }) => name.toLowerCase())).size < columns.length)
      throw invalid(`${table} has a column twice`);
    const months = files.map((file) => monthOf(file) ?? '');
    if (new Set(months).size < months.length || (months.includes('') && months.length > 1))
      throw invalid(`${table} has a month twice`);
    const foreign = files.find(({ path }) => filePattern.exec(path)?.[1] !== table);
    if (foreign) throw invalid(`${foreign.path} is not a file of ${table}`);
  }
}

/** Replaces the manifest: readers see the old state or the new one. */
export function writeManifest(folder: string, manifest: Manifest): void {
  const temporary = join(folder, `.${manifestName}-${randomUUID()}`);
  writeFileSync(temporary, `${JSON.stringify(manifest, null, 1)}\n`, { flag: 'wx' });
  syncToDisk(temporary);
  renameSync(temporary, join(folder, manifestName));
  syncToDisk(folder);
}

/** Flushes a file, or the names in a folder, to disk. */
export function syncToDisk(path: string): void {
  try {
    syncPath(path);
  } catch (error) {
    // Some network mounts cannot flush a folder.
    if (!['EINVAL', 'ENOTSUP', 'EISDIR'].includes(String((error as NodeJS.ErrnoException).code))) throw error;
  }
}
