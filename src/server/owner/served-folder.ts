import type { Catalog } from '../../catalog/catalog.ts';
import { WattduckError } from '../../errors/wattduck-error.ts';
import { openFolder, schemaVersion } from '../../warehouse/database.ts';
import type { DuckDb } from '../../warehouse/duckdb.ts';
import { createFolderViews, folderVersion, readFolder } from '../../warehouse/parquet-folder/open-folder.ts';

/** Milliseconds before a folder that could not be opened is tried again. */
const retryMs = 1000;

export interface RefreshOptions {
  /** Opens a connection of its own. */
  connect(): Promise<DuckDb>;
  /** Called after the data changed. */
  onChange(): void;
  /** Receives the reason if a state cannot be opened, once. */
  warn(line: string): void;
}

/** A Parquet folder that is served: a new export is noticed by its manifest. */
export class ServedFolder {
  readonly #path: string;
  /** Real path of the folder. */
  readonly root: string;
  #version: string;
  #refreshing: Promise<void> | undefined;
  #failedAt = -Infinity;
  #warning: string | undefined;

  private constructor(path: string, root: string, version: string) {
    this.#path = path;
    this.root = root;
    this.#version = version;
  }

  static async open(duckdb: DuckDb, path: string, catalog: Catalog): Promise<ServedFolder> {
    // Read first: an export in between is noticed by the next request.
    const version = folderVersion(path);
    return new ServedFolder(path, await openFolder(duckdb, path, catalog), version);
  }

  /** Opens the state of a new export, once for requests at the same time. If it is incomplete, the state before stays. */
  async refresh(options: RefreshOptions): Promise<void> {
    if (folderVersion(this.#path) === this.#version) return;
    await (this.#refreshing ??= this.#refresh(options).finally(() => (this.#refreshing = undefined)));
  }

  async #refresh({ connect, onChange, warn }: RefreshOptions): Promise<void> {
    if (performance.now() - this.#failedAt < retryMs) return;
    const version = folderVersion(this.#path);
    try {
      const folder = await readFolder(this.#path, schemaVersion);
      if (folder.root !== this.root) throw new WattduckError('folder_moved', { path: this.#path });
      const duckdb = await connect();
      await duckdb.transaction(() => createFolderViews(duckdb, folder)).finally(() => duckdb.close());
    } catch (error) {
      this.#failedAt = performance.now();
      if (!(error instanceof WattduckError)) throw error;
      if (this.#warning !== error.message) warn(`warning: the last export is not served: ${error.fullMessage}`);
      this.#warning = error.message;
      return;
    }
    this.#warning = undefined;
    this.#version = version;
    onChange();
  }
}
