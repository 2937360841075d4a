import type { PageDefinition } from '../../catalog/definitions.ts';
import { readPageData, type PageData } from '../../pages/data.ts';
import type { Io } from '../../io.ts';
import type { DatabaseOwner } from '../owner/owner.ts';

/** The settings of the server that pages need. */
export interface PageStoreOptions {
  owner: DatabaseOwner;
  io: Pick<Io, 'now'>;
  tz: string | undefined;
  currency?: string | undefined;
}

/** The pages of the server, and what the database contains for them. */
export class PageStore {
  readonly #options: PageStoreOptions;
  #data: Promise<PageData> | undefined;
  #version = -1;

  constructor(options: PageStoreOptions) {
    this.#options = options;
  }

  get definitions(): readonly PageDefinition[] {
    return this.#options.owner.pages;
  }

  /** What the database contains, read again after a write. */
  data(): Promise<PageData> {
    const { owner, io, tz, currency } = this.#options;
    if (this.#data && this.#version === owner.dataVersion) return this.#data;
    this.#version = owner.dataVersion;
    const context = { now: io.now(), label: (name: string) => name, defaultTimeZone: tz, baseCurrency: currency };
    const data = owner.read((duckdb) => readPageData(duckdb, owner.reports, context), new AbortController().signal);
    this.#data = data;
    // The next request tries again.
    data.catch(() => void (this.#data === data && (this.#data = undefined)));
    return data;
  }
}
