import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { LRUCache } from 'lru-cache';
import { WattduckError } from '../../errors/wattduck-error.ts';
import { detectFormat } from '../../ingest/detect-format.ts';
import { importRows, type IngestOptions } from '../../ingest/ingest-file.ts';
import { escapedNul, scratchFolder, type Input } from '../../ingest/input.ts';
import type { Layout } from '../../ingest/layout.ts';
import { readPlanFor, readPlans, type FileReadPlan } from '../../ingest/read-plan.ts';
import type { IngestResult } from '../../ingest/result.ts';
import { duckdbError } from '../../warehouse/duckdb-errors.ts';
import type { DuckDb } from '../../warehouse/duckdb.ts';
import type { DatabaseOwner } from '../owner/owner.ts';
import { BatchWriter, type WriteRequest } from './batch-writer.ts';
import type { JsonLines } from './json-lines.ts';

/** Options of imports over HTTP. Repeated bodies are imported again: their rows are found to be unchanged. */
export const httpIngestOptions = (zone: string | undefined): IngestOptions => ({
  stdin: Readable.from([]),
  defaultTimeZone: zone ?? 'UTC',
  allowMissingColumns: true,
  force: true,
});

/** Row counts of one request. */
export interface IngestCounts {
  /** Rows that are now in their table, including unchanged ones. */
  successful_rows: number;
  quarantined_rows: number;
}

interface RowsRequest extends WriteRequest {
  rows: JsonLines;
  source: string;
  /** How to read the rows, if their keys alone decide it. */
  plan?: FileReadPlan;
}

/** Imports JSON rows, several requests in one transaction. */
export class RowWriter {
  readonly #owner: DatabaseOwner;
  readonly #options: IngestOptions;
  readonly #batchWriter = new BatchWriter<RowsRequest, IngestCounts>((requests) => this.#write(requests));
  /** Read plans by source and keys; empty if the keys alone do not decide. */
  readonly #plans = new LRUCache<string, { plan?: FileReadPlan }>({ max: 500 });

  /** @param zone time zone of times without an offset */
  constructor(owner: DatabaseOwner, zone: string | undefined) {
    this.#owner = owner;
    this.#options = { ...httpIngestOptions(zone), rowByRow: true };
  }

  /**
   * Resolves when the rows are committed.
   * @throws WattduckError (write_queue_full); after any error, nothing was written
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

  /** @throws WattduckError (write_queue_full) */
  assertNotFull(): void {
    this.#batchWriter.assertNotFull();
  }

  /** Rows with the same keys share a plan, unless the format has nested lists or counts duplicates. */
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
        await catalog.mappings(),
        layout,
        'the body',
        {
          source,
        },
      );
      const plan = detected && readPlanFor(detected, layout, this.#options);
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
        return await this.#importRows(duckdb, requests, inputOf(path, text, requests, scratch.folder));
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
    for (const each of plans)
      results.push((await importRows(duckdb, catalog, input, each, this.#options)) as IngestResult);
    if (requests.length > 1)
      return results[0]!.quarantined === 0
        ? requests.map(({ rows }) => ingestCounts(rows.count, 0))
        : countPerRequest(duckdb, requests);
    const sum = (key: 'read' | 'quarantined'): number => results.reduce((all, result) => all + result[key], 0);
    return [ingestCounts(sum('read'), sum('quarantined'))];
  }
}

/** The rows as an input file. A random hash marks its content as new. */
function inputOf(path: string, text: Buffer, requests: readonly RowsRequest[], scratch: () => Promise<string>): Input {
  const id = randomUUID();
  const lines = requests.reduce((all, { rows }) => all + rows.count, 0);
  return {
    name: `POST /v0/events ${id}`,
    path,
    compression: 'uncompressed',
    bytes: text.length,
    isOriginal: true,
    carriageReturns: false,
    isParquet: false,
    hasLongLine: false,
    firstText: '',
    assertUnchanged: async () => undefined,
    content: async () => ({ hash: id, lines, maxLine: 0, mayHaveNul: text.includes(0) || text.includes(escapedNul) }),
    scratch,
    dispose: async () => undefined,
  };
}

const ingestCounts = (rows: number, quarantined: number): IngestCounts => ({
  successful_rows: rows - quarantined,
  quarantined_rows: quarantined,
});

/** Row counts per request, from the line numbers in the batch's table `bad_rows`. */
async function countPerRequest(duckdb: DuckDb, requests: readonly RowsRequest[]): Promise<IngestCounts[]> {
  let line = 0;
  const bad = requests.map(
    ({ rows }, at) => `count(*) filter (line between ${line + 1} and ${(line += rows.count)}) as n${at}`,
  );
  const found = await duckdb.row(`select ${bad.join(', ')} from bad_rows`);
  return requests.map(({ rows }, at) => ingestCounts(rows.count, Number(found[`n${at}`])));
}
