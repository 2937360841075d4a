import type { Readable } from 'node:stream';
import type { Catalog } from '../catalog/catalog.ts';
import { WattduckError } from '../errors.ts';
import type { Engine } from '../warehouse/engine.ts';
import { duckdbFault } from '../warehouse/faults.ts';
import { hasEitherOrder, tellDateOrder } from './date-order.ts';
import { openInput, type Input } from './input.ts';
import { unevenLines, type Step } from './layout.ts';
import { alreadyIn, clearSource, record } from './ledger.ts';
import { doubtful, emptied, rejected, type Noted } from './notes.ts';
import { readingsOf, type FileReading, type Told } from './readings.ts';
import type { Forms, Reading } from './rows.ts';
import { soundCopy } from './sound-copy.ts';
import { stage, type Staged } from './stage.ts';
import { upsert, type Upserted } from './upsert.ts';

/** What a file holds for one source, before anything is written. */
export interface Found {
  file: string;
  source: string;
  mapping?: string;
  /** Lists in the file whose elements are the rows. */
  steps: Step[];
  forms: Forms;
  /** True where no one told the order of day and month but the file's own dates. */
  toldByDates: boolean;
  read: number;
  quarantined: number;
  /** Names in the file that no column of the source wants. */
  ignored: string[];
  /** Why rows were quarantined, most frequent first. */
  rejected: Noted[];
  /** What rows taken in hardly mean. */
  doubtful: Noted[];
  /** How often each field held a text that means nothing. */
  emptied: Record<string, number>;
}

/** The account of one file and source: read = added + updated + unchanged + quarantined. */
export interface Account extends Found, Upserted {
  seconds: number;
}

/** A file taken in before, unchanged and read the same way. */
export interface AlreadyIn {
  file: string;
  source: string;
  /** When, in UTC. */
  alreadyIn: string;
}

export type Ingested = Account | AlreadyIn;

/** How a file is to be read, and when it is to be refused. */
export interface IngestOptions extends Told {
  stdin: Readable;
  encoding?: string;
  /** Most rows that may be rejected; with one more nothing of the file is kept. */
  maxErrors?: number;
  /** Take a file in again that is in already. */
  force?: boolean;
  /** Sources emptied so far in this run: the first file of each takes the place of all its rows. */
  replaced?: Set<string>;
}

/**
 * Takes one file in, each source it tells of in one transaction: its good rows into their source's table, its bad rows into the
 * quarantine, its account into the ledger.
 * @param path a file, or `-` for standard input
 * @throws WattduckError saying what is wrong with the file as a whole; then nothing of it is kept.
 */
export async function ingestFile(engine: Engine, catalog: Catalog, databasePath: string, path: string, options: IngestOptions): Promise<Ingested[]> {
  const input = await openInput(path, options.stdin, options.encoding);
  try {
    const ingested: Ingested[] = [];
    for (const reading of await readingsOf(engine, catalog, input, options)) ingested.push(await takeIn(engine, input, reading, options));
    return ingested;
  } catch (error) {
    throw duckdbFault(error, databasePath);
  } finally {
    await input.dispose();
  }
}

/** Looks at a file as an ingest would and says what it would do, with the first rows as they would be taken in; nothing is written. */
export async function lookAtFile<T>(engine: Engine, catalog: Catalog, path: string, options: IngestOptions, look: (found: Found, reading: Reading, staged: Staged) => Promise<T>): Promise<T[]> {
  const input = await openInput(path, options.stdin, options.encoding);
  try {
    const looks: T[] = [];
    for (const reading of await readingsOf(engine, catalog, input, options)) {
      const { found, staged, read } = await find(engine, input, reading);
      looks.push(await look(found, read, staged));
    }
    return looks;
  } finally {
    await input.dispose();
  }
}

/** What else is to be done when a file's rows are read again from the quarantine. */
export interface Aside {
  /** Once the bad rows are known. */
  whenStaged(): Promise<void>;
  /** First in the transaction. */
  within(): Promise<void>;
}

/** Takes in the rows of one reading, in one transaction; a file that is in already, read the same way, is passed over. */
export async function takeIn(engine: Engine, input: Input, reading: FileReading, options: IngestOptions, aside?: Aside): Promise<Ingested> {
  const started = performance.now();
  const { source } = reading;
  const replaces = options.replaced !== undefined && !options.replaced.has(source.name);
  const before = options.force || replaces ? undefined : await alreadyIn(engine, input, reading);
  if (before !== undefined) return { file: input.name, source: source.name, alreadyIn: before };
  const { found, staged, read } = await find(engine, input, reading, aside);
  refuseBeyond(options.maxErrors, found);
  const account = await inAnyOrder(engine, () =>
    engine.transaction(async () => {
      if (replaces) await clearSource(engine, source.name);
      await aside?.within();
      const upserted = await upsert(engine, source, staged.filled, reading.mapping?.twins ?? 'one');
      const whole: Account = { ...found, ...upserted, seconds: (performance.now() - started) / 1000 };
      await record(engine, whole, input, read);
      return whole;
    }));
  options.replaced?.add(source.name);
  return account;
}

async function find(engine: Engine, input: Input, reading: FileReading, aside?: Aside): Promise<{ found: Found; staged: Staged; read: Reading }> {
  let read: Reading = reading;
  let staged = await stageSoundly(engine, input, read);
  const toldByDates = read.forms.dateOrder === undefined && (await hasEitherOrder(engine));
  if (toldByDates) {
    read = { ...read, forms: { ...read.forms, dateOrder: await tellDateOrder(engine, read, input.name) } };
    staged = await stageSoundly(engine, input, read);
  }
  await aside?.whenStaged();
  const { source, mapping, ignored, steps } = reading;
  const found: Found = {
    file: input.name,
    source: source.name,
    ...(mapping ? { mapping: mapping.name } : {}),
    steps,
    forms: read.forms,
    toldByDates,
    read: staged.read,
    quarantined: staged.bad,
    ignored,
    rejected: await rejected(engine),
    doubtful: await doubtful(engine, read, staged.filled),
    emptied: await emptied(engine, read),
  };
  return { found, staged, read };
}

function refuseBeyond(most: number | undefined, { file, quarantined, rejected: [first] }: Found): void {
  if (most === undefined || quarantined <= most || !first) return;
  const what = first.column === null ? 'the row' : `${first.column} "${(first.value ?? '').slice(0, 60)}"`;
  throw new WattduckError(
    'rejected',
    `${file}: ${quarantined.toLocaleString('en-US')} rows are bad, ${most === 0 ? 'none' : `at most ${most.toLocaleString('en-US')}`} may be; line ${first.first}: ${what} ${first.reason}; nothing of the file was kept`,
    'Mend them, or take the good ones in and let the rest go to quarantine (without --strict and --max-errors).',
  );
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
