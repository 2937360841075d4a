import type { Readable } from 'node:stream';
import { VARCHAR } from '@duckdb/node-api';
import type { Catalog } from '../catalog/catalog.ts';
import { WattduckError } from '../errors.ts';
import type { Bindings, Engine } from '../warehouse/engine.ts';
import { duckdbFault } from '../warehouse/faults.ts';
import { openInput, type Input } from './input.ts';
import { layoutOf, unevenLines } from './layout.ts';
import { recognise } from './recognise.ts';
import type { Reading } from './rows.ts';
import { soundCopy } from './sound-copy.ts';
import { stage, type Staged } from './stage.ts';
import { upsert, type Upserted } from './upsert.ts';

/** The account of one file: read = added + updated + unchanged + quarantined. */
export interface Ingested extends Upserted {
  file: string;
  source: string;
  read: number;
  quarantined: number;
  /** Names in the file that no column of the source wants. */
  ignored: string[];
  /** First quarantined row, for the message. */
  example?: { line: number | null; column: string | null; value: string | null; reason: string };
  seconds: number;
}

/**
 * Takes one file in, in one transaction: its good rows into their source's table, its bad rows into the quarantine,
 * its account into the ledger.
 * @param path a file, or `-` for standard input
 * @throws WattduckError saying what is wrong with the file as a whole; then nothing of it is kept.
 */
export async function ingestFile(
  engine: Engine,
  catalog: Catalog,
  databasePath: string,
  path: string,
  options: { source?: string; stdin: Readable },
): Promise<Ingested> {
  const started = performance.now();
  const input = await openInput(path, options.stdin);
  try {
    const layout = await layoutOf(engine, input);
    const recognised = recognise(await catalog.sources(), layout, input.name, options.source);
    const { source } = recognised;
    const staged = await stageSoundly(engine, input, { layout, source, feeds: recognised.feeds });
    return await inAnyOrder(engine, () => engine.transaction(async () => {
      const upserted = await upsert(engine, source, staged.filled);
      const example = await firstBad(engine);
      const account: Ingested = {
        file: input.name,
        source: source.name,
        read: staged.read,
        ...upserted,
        quarantined: staged.bad,
        ignored: recognised.ignored,
        ...(example ? { example } : {}),
        seconds: (performance.now() - started) / 1000,
      };
      await record(engine, account, layout.format);
      return account;
    }));
  } catch (error) {
    throw duckdbFault(error, databasePath);
  } finally {
    await input.dispose();
  }
}

/** Stages a file; one whose line ends or quotes DuckDB can't make out, from a sound copy. */
async function stageSoundly(engine: Engine, input: Input, reading: Reading): Promise<Staged> {
  try {
    const staged = await stage(engine, reading);
    if (!staged.brokenQuotes) return staged;
  } catch (error) {
    if (!unevenLines.test(String(error))) throw error;
  }
  const { layout, broken } = await soundCopy(input, reading.layout);
  const staged = await stage(engine, { ...reading, layout }, broken);
  if (staged.brokenQuotes) {
    throw new WattduckError('failed', `${input.name}: its quotes can not be made out`, 'Export it with every quote inside a value doubled.');
  }
  return staged;
}


/** Of a file, the order decides between equal versions; of the table it is free, and without it DuckDB writes half as much. */
async function inAnyOrder<T>(engine: Engine, work: () => Promise<T>): Promise<T> {
  await engine.run('set preserve_insertion_order = false');
  try {
    return await work();
  } finally {
    await engine.run('set preserve_insertion_order = true');
  }
}

/** Writes ledger and quarantine; rows of the same file that were quarantined before are not listed twice. */
async function record(engine: Engine, account: Ingested, format: string): Promise<void> {
  const { source, file } = account;
  const named = texts({ source, file });
  const figures = [account.read, account.added, account.updated, account.unchanged, account.quarantined].join(', ');
  await engine.run(
    `insert into ingests select coalesce(max(ingest_id), 0) + 1, $source, $file, $format, ${figures},
       timezone('UTC', now()), ${account.seconds} from ingests`,
    texts({ source, file, format }),
  );
  if (account.quarantined === 0) return;
  await engine.run(
    `delete from quarantine where source = $source and file = $file
       and exists (select 1 from bad_rows b where b.line is not distinct from quarantine.line and b.raw is not distinct from quarantine.raw)`,
    named,
  );
  await engine.run(
    `insert into quarantine
     select (select max(ingest_id) from ingests), $source, $file, line, column_name, value, reason, raw, timezone('UTC', now())
     from bad_rows order by line`,
    named,
  );
}

const texts = (values: Record<string, string>): Bindings => ({
  values,
  types: Object.fromEntries(Object.keys(values).map((name) => [name, VARCHAR])),
});

async function firstBad(engine: Engine): Promise<Ingested['example']> {
  const [row] = await engine.rows('select line, column_name, value, reason from bad_rows order by line nulls last limit 1');
  if (!row) return undefined;
  const text = (name: string): string | null => (row[name] === null ? null : String(row[name]));
  return { line: row['line'] === null ? null : Number(row['line']), column: text('column_name'), value: text('value'), reason: String(row['reason']) };
}
