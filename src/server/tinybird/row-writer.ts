import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LRUCache } from 'lru-cache';
import { WattduckError } from '../../errors.ts';
import { takeIn, type IngestOptions } from '../../ingest/ingest-file.ts';
import { scratchFolder, type Input } from '../../ingest/input.ts';
import type { Layout } from '../../ingest/layout.ts';
import { readingOf, readingsOf, type FileReading } from '../../ingest/readings.ts';
import { recognise } from '../../ingest/recognise.ts';
import type { Account } from '../../ingest/result.ts';
import type { DuckDb } from '../../warehouse/engine.ts';
import { duckdbError } from '../../warehouse/faults.ts';
import type { Owner } from '../owner/owner.ts';
import { Batches, type Piece } from './batch-writer.ts';
import { overHttp } from './ingest-options.ts';
import type { Rows } from './json-lines.ts';

/** What became of the rows of one request. */
export interface Counts {
  /** Rows that are in their table now, those that were there before among them. */
  successful_rows: number;
  quarantined_rows: number;
}

interface RowsFor extends Piece {
  rows: Rows;
  source: string;
  /** How they are read, where that is known from their keys alone. */
  reading?: FileReading;
}

/** Takes in rows of JSON, those of several requests in one transaction. */
export class RowWriter {
  readonly #owner: Owner;
  readonly #options: IngestOptions;
  readonly #batches = new Batches<RowsFor, Counts>((pieces) => this.#write(pieces));
  /** How rows of a source with certain keys are read; nothing where that takes more than their keys to tell. */
  readonly #readings = new LRUCache<string, { reading?: FileReading }>({ max: 500 });

  /** @param zone of times without an offset */
  constructor(owner: Owner, zone: string) {
    this.#owner = owner;
    this.#options = { ...overHttp(zone), rowByRow: true, evenLacking: true };
  }

  /**
   * Answers when the rows are committed.
   * @throws WattduckError (too_many) where too many wait already; whatever is thrown, nothing of them was written
   */
  async take(source: string, rows: Rows): Promise<Counts> {
    if (rows.count === 0) return { successful_rows: 0, quarantined_rows: 0 };
    const kind = rows.keys && JSON.stringify([source, ...rows.keys]);
    const { reading } = kind === undefined ? {} : await this.#readingOf(kind, source, rows.keys!);
    return this.#batches.add({
      rows,
      source,
      bytes: rows.text.length,
      ...(reading && kind !== undefined ? { reading, kind } : {}),
    });
  }

  /** @throws WattduckError (too_many) */
  refuseIfFull(): void {
    this.#batches.refuseIfFull();
  }

  /** Rows with the same keys are read the same way, if all of them are records of one source, none told from another by its place. */
  async #readingOf(kind: string, source: string, names: string[]): Promise<{ reading?: FileReading }> {
    const known = this.#readings.get(kind);
    if (known) return known;
    const { catalog } = this.#owner;
    const layout: Layout = {
      format: 'ndjson',
      names,
      lists: new Map(),
      delimiter: '',
      path: '',
      compression: 'uncompressed',
    };
    let found: { reading?: FileReading } = {};
    try {
      const [recognised, another] = recognise(await catalog.sources(), await catalog.formats(), layout, 'the body', {
        source,
      });
      const reading = recognised && (await readingOf(catalog, recognised, layout, this.#options));
      if (reading && !another && reading.steps.length === 0 && reading.mapping?.twins !== 'counted')
        found = { reading: { ...reading, hasAllKeys: true } };
    } catch (error) {
      if (!(error instanceof WattduckError)) throw error;
    }
    this.#readings.set(kind, found);
    return found;
  }

  #write(pieces: readonly RowsFor[]): Promise<Counts[]> {
    return this.#owner.write(async (engine) => {
      const scratch = scratchFolder(engine.workDir);
      try {
        const path = join(await scratch.folder(), 'rows.ndjson');
        const text = Buffer.concat(pieces.map(({ rows }) => rows.text));
        await writeFile(path, text);
        return await this.#takeIn(engine, pieces, inputOf(path, text.length, pieces, scratch.folder));
      } catch (error) {
        throw duckdbError(error, this.#owner.path);
      } finally {
        await scratch.dispose();
      }
    });
  }

  async #takeIn(engine: DuckDb, pieces: readonly RowsFor[], input: Input): Promise<Counts[]> {
    const { reading, source } = pieces[0]!;
    const { catalog } = this.#owner;
    const readings = reading
      ? [{ ...reading, layout: { ...reading.layout, path: input.path } }]
      : await readingsOf(engine, catalog, input, { ...this.#options, source });
    const accounts: Account[] = [];
    for (const each of readings) accounts.push((await takeIn(engine, input, each, this.#options)) as Account);
    if (pieces.length > 1)
      return accounts[0]!.quarantined === 0
        ? pieces.map(({ rows }) => counts(rows.count, 0))
        : countEach(engine, pieces);
    const sum = (figure: 'read' | 'quarantined'): number => accounts.reduce((all, account) => all + account[figure], 0);
    return [counts(sum('read'), sum('quarantined'))];
  }
}

/** The rows as a file; it is never met again, so that nothing need be known of its content but that it is another. */
function inputOf(path: string, bytes: number, pieces: readonly RowsFor[], scratch: () => Promise<string>): Input {
  const id = randomUUID();
  const lines = pieces.reduce((all, { rows }) => all + rows.count, 0);
  return {
    name: `POST /v0/events ${id}`,
    path,
    compression: 'uncompressed',
    bytes,
    isAsGiven: true,
    carriageReturns: false,
    isParquet: false,
    hasLongLine: false,
    assertUnchanged: async () => undefined,
    content: async () => ({ hash: id, lines, maxLine: 0 }),
    scratch,
    dispose: async () => undefined,
  };
}

const counts = (rows: number, quarantined: number): Counts => ({
  successful_rows: rows - quarantined,
  quarantined_rows: quarantined,
});

/** Tells the bad rows of each request by their lines; `bad_rows` is still that of the batch. */
async function countEach(engine: DuckDb, pieces: readonly RowsFor[]): Promise<Counts[]> {
  let line = 0;
  const bad = pieces.map(
    ({ rows }, at) => `count(*) filter (line between ${line + 1} and ${(line += rows.count)}) as n${at}`,
  );
  const found = await engine.row(`select ${bad.join(', ')} from bad_rows`);
  return pieces.map(({ rows }, at) => counts(rows.count, Number(found[`n${at}`])));
}
