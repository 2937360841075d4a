import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LRUCache } from 'lru-cache';
import { WattduckError } from '../../errors/wattduck-error.ts';
import { detectFormat } from '../../ingest/detect-format.ts';
import { importRows, type IngestOptions } from '../../ingest/ingest-file.ts';
import { scratchFolder, type Input } from '../../ingest/input.ts';
import type { Layout } from '../../ingest/layout.ts';
import { readPlanFor, readPlans, type FileReadPlan } from '../../ingest/read-plan.ts';
import type { IngestResult } from '../../ingest/result.ts';
import { duckdbError } from '../../warehouse/duckdb-errors.ts';
import type { DuckDb } from '../../warehouse/duckdb.ts';
import type { DatabaseOwner } from '../owner/owner.ts';
import { BatchWriter, type WriteRequest } from './batch-writer.ts';
import { httpIngestOptions } from './ingest-options.ts';
import type { JsonLines } from './json-lines.ts';

/** What became of the rows of one request. */
export interface IngestCounts {
  /** Rows that are in their table now, those that were there before among them. */
  successful_rows: number;
  quarantined_rows: number;
}

interface RowsRequest extends WriteRequest {
  rows: JsonLines;
  source: string;
  /** How they are read, where that is known from their keys alone. */
  plan?: FileReadPlan;
}

/** Takes in rows of JSON, those of several requests in one transaction. */
export class RowWriter {
  readonly #owner: DatabaseOwner;
  readonly #options: IngestOptions;
  readonly #batchWriter = new BatchWriter<RowsRequest, IngestCounts>((requests) => this.#write(requests));
  /** How rows of a source with certain keys are read; nothing where that takes more than their keys to tell. */
  readonly #plans = new LRUCache<string, { plan?: FileReadPlan }>({ max: 500 });

  /** @param zone of times without an offset */
  constructor(owner: DatabaseOwner, zone: string) {
    this.#owner = owner;
    this.#options = { ...httpIngestOptions(zone), rowByRow: true, allowMissingColumns: true };
  }

  /**
   * Answers when the rows are committed.
   * @throws WattduckError (too_many_requests) where too many wait already; whatever is thrown, nothing of them was written
   */
  async ingest(source: string, rows: JsonLines): Promise<IngestCounts> {
    if (rows.count === 0) return { successful_rows: 0, quarantined_rows: 0 };
    const kind = rows.keys && JSON.stringify([source, ...rows.keys]);
    const { plan } = kind === undefined ? {} : await this.#planFor(kind, source, rows.keys!);
    return this.#batchWriter.add({
      rows,
      source,
      bytes: rows.text.length,
      ...(plan && kind !== undefined ? { plan, kind } : {}),
    });
  }

  /** @throws WattduckError (too_many_requests) */
  assertNotFull(): void {
    this.#batchWriter.assertNotFull();
  }

  /** Rows with the same keys are read the same way, if all of them are records of one source, none told from another by its place. */
  async #planFor(kind: string, source: string, names: string[]): Promise<{ plan?: FileReadPlan }> {
    const cached = this.#plans.get(kind);
    if (cached) return cached;
    const { catalog } = this.#owner;
    const layout: Layout = {
      format: 'ndjson',
      names,
      lists: new Map(),
      delimiter: '',
      path: '',
      compression: 'uncompressed',
    };
    let result: { plan?: FileReadPlan } = {};
    try {
      const [detected, secondMatch] = detectFormat(
        await catalog.sources(),
        await catalog.formats(),
        layout,
        'the body',
        {
          source,
        },
      );
      const plan = detected && (await readPlanFor(catalog, detected, layout, this.#options));
      if (plan && !secondMatch && plan.steps.length === 0 && plan.mapping?.duplicates !== 'keep')
        result = { plan: { ...plan, hasAllKeys: true } };
    } catch (error) {
      if (!(error instanceof WattduckError)) throw error;
    }
    this.#plans.set(kind, result);
    return result;
  }

  #write(requests: readonly RowsRequest[]): Promise<IngestCounts[]> {
    return this.#owner.write(async (duckdb) => {
      const scratch = scratchFolder(duckdb.workDir);
      try {
        const path = join(await scratch.folder(), 'rows.ndjson');
        const text = Buffer.concat(requests.map(({ rows }) => rows.text));
        await writeFile(path, text);
        return await this.#importRows(duckdb, requests, inputOf(path, text.length, requests, scratch.folder));
      } catch (error) {
        throw duckdbError(error, this.#owner.path);
      } finally {
        await scratch.dispose();
      }
    });
  }

  async #importRows(duckdb: DuckDb, requests: readonly RowsRequest[], input: Input): Promise<IngestCounts[]> {
    const { plan, source } = requests[0]!;
    const { catalog } = this.#owner;
    const plans = plan
      ? [{ ...plan, layout: { ...plan.layout, path: input.path } }]
      : await readPlans(duckdb, catalog, input, { ...this.#options, source });
    const results: IngestResult[] = [];
    for (const each of plans) results.push((await importRows(duckdb, input, each, this.#options)) as IngestResult);
    if (requests.length > 1)
      return results[0]!.quarantined === 0
        ? requests.map(({ rows }) => ingestCounts(rows.count, 0))
        : countPerRequest(duckdb, requests);
    const sum = (figure: 'read' | 'quarantined'): number => results.reduce((all, result) => all + result[figure], 0);
    return [ingestCounts(sum('read'), sum('quarantined'))];
  }
}

/** The rows as a file; it is never met again, so that nothing need be known of its content but that it is another. */
function inputOf(path: string, bytes: number, requests: readonly RowsRequest[], scratch: () => Promise<string>): Input {
  const id = randomUUID();
  const lines = requests.reduce((all, { rows }) => all + rows.count, 0);
  return {
    name: `POST /v0/events ${id}`,
    path,
    compression: 'uncompressed',
    bytes,
    isOriginal: true,
    carriageReturns: false,
    isParquet: false,
    hasLongLine: false,
    assertUnchanged: async () => undefined,
    content: async () => ({ hash: id, lines, maxLine: 0 }),
    scratch,
    dispose: async () => undefined,
  };
}

const ingestCounts = (rows: number, quarantined: number): IngestCounts => ({
  successful_rows: rows - quarantined,
  quarantined_rows: quarantined,
});

/** Tells the bad rows of each request by their lines; `bad_rows` is still that of the batch. */
async function countPerRequest(duckdb: DuckDb, requests: readonly RowsRequest[]): Promise<IngestCounts[]> {
  let line = 0;
  const bad = requests.map(
    ({ rows }, at) => `count(*) filter (line between ${line + 1} and ${(line += rows.count)}) as n${at}`,
  );
  const found = await duckdb.row(`select ${bad.join(', ')} from bad_rows`);
  return requests.map(({ rows }, at) => ingestCounts(rows.count, Number(found[`n${at}`])));
}
