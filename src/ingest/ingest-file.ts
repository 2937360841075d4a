import type { Catalog } from '../catalog/catalog.ts';
import { WattduckError } from '../errors.ts';
import { formatCount } from '../text/format-number.ts';
import { clipped } from '../text/plain-text.ts';
import { identifier, type DuckDb } from '../warehouse/engine.ts';
import { duckdbError } from '../warehouse/faults.ts';
import { databaseTable } from '../warehouse/tables.ts';
import { clearScratch } from './bad-rows.ts';
import { hasEitherOrder, tellDateOrder } from './date-order.ts';
import { openInput, type Input, type Opened } from './input.ts';
import { brokenLines, unevenLines } from './layout.ts';
import { alreadyIn, clearSource, record } from './ledger.ts';
import { inAnyOrder, loadStraight, NotStraight } from './load-straight.ts';
import { doubtful, emptied, rejected, said } from './notes.ts';
import { readingsOf, type FileReading, type Told } from './readings.ts';
import type { Account, Found, Ingested } from './result.ts';
import type { Forms, Reading } from './rows.ts';
import { soundCopy } from './sound-copy.ts';
import { recordLines } from './stage-json.ts';
import { stage, type Staged } from './stage.ts';
import { upsert } from './upsert.ts';

/** How a file is to be read, and when it is to be refused. */
export interface IngestOptions extends Told, Opened {
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
export const ingestFile = (
  engine: DuckDb,
  catalog: Catalog,
  databasePath: string,
  path: string,
  options: IngestOptions,
): Promise<Ingested[]> =>
  eachReading(engine, catalog, path, options, databasePath, (input, reading) =>
    takeIn(engine, input, reading, options),
  );

/** Looks at a file as an ingest would and says what it would do, with the first rows as they would be taken in; nothing is written. */
export const lookAtFile = <T>(
  engine: DuckDb,
  catalog: Catalog,
  path: string,
  options: IngestOptions,
  look: (found: Found, reading: Reading, staged: Staged) => Promise<T>,
): Promise<T[]> =>
  eachReading(engine, catalog, path, options, path, async (input, reading) => {
    const { found, rows, read } = await find(engine, input, reading);
    return look(found, read, rows);
  });

/** Opens a file and works on it once for each source it tells of; a fault of the machine is told of `blamed`. */
async function eachReading<T>(
  engine: DuckDb,
  catalog: Catalog,
  path: string,
  options: IngestOptions,
  blamed: string,
  work: (input: Input, reading: FileReading) => Promise<T>,
): Promise<T[]> {
  const input = await openInput(path, { ...options, stopped: engine.abortSignal }, engine.workDir);
  try {
    const done: T[] = [];
    for (const reading of await readingsOf(engine, catalog, input, options)) done.push(await work(input, reading));
    return done;
  } catch (error) {
    const fault = duckdbError(engine.abortSignal.aborted ? engine.abortSignal.reason : error, blamed);
    // Whatever DuckDB met in a file that changed, this is the reason.
    if (!(fault instanceof WattduckError && fault.kind === 'interrupted')) await input.assertUnchanged();
    throw fault;
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
export const takeIn = (
  engine: DuckDb,
  input: Input,
  reading: FileReading,
  options: IngestOptions,
  aside?: Aside,
): Promise<Ingested> => engine.withWriteLock(() => takeInAlone(engine, input, reading, options, aside));

async function takeInAlone(
  engine: DuckDb,
  input: Input,
  reading: FileReading,
  options: IngestOptions,
  aside?: Aside,
): Promise<Ingested> {
  const { source } = reading;
  const replaces = options.replaced !== undefined && !options.replaced.has(source.name);
  const before = options.force || replaces ? undefined : await alreadyIn(engine, input, reading);
  if (before !== undefined) return { file: input.name, source: source.name, alreadyIn: before };
  const work: Work = {
    engine,
    input,
    reading,
    maxErrors: options.maxErrors,
    replaces,
    started: performance.now(),
    ...(aside ? { aside } : {}),
  };
  const isEmpty = replaces || !(await engine.hasRows(`from ${identifier(source.name)}`));
  const account = isEmpty && !aside ? await straight(work) : await staged(work, true);
  options.replaced?.add(source.name);
  return account;
}

interface Work {
  engine: DuckDb;
  input: Input;
  reading: FileReading;
  maxErrors: number | undefined;
  replaces: boolean;
  started: number;
  aside?: Aside;
}

/** Into an empty table a file is read straight, if nothing in it needs a closer look. */
async function straight(work: Work): Promise<Account> {
  const { engine, input, reading, maxErrors, replaces, started } = work;
  try {
    await clearScratch(engine);
    // DuckDB unpacks with one core; unpacked files it reads with all there are.
    if (input.compression === 'gzip') input.content().catch(() => undefined);
    const { account, filled } = await engine.transaction(async () => {
      if (replaces) await clearSource(engine, reading.source.name);
      const {
        good,
        bad,
        filled: columns,
      } = await loadStraight(
        engine,
        reading,
        () => linesOf(engine, input, reading),
        () => void input.content().catch(() => undefined),
      );
      if (await wantsDateOrder(engine, reading)) throw new NotStraight(true);
      const found = await describe(engine, input, reading, reading.forms, { read: good + bad, bad });
      refuseBeyond(maxErrors, found);
      const whole: Account = {
        ...found,
        added: good,
        updated: 0,
        unchanged: 0,
        seconds: (performance.now() - started) / 1000,
      };
      await record(engine, whole, input, reading);
      return { account: whole, filled: columns };
    });
    return { ...account, doubtful: await doubtful(engine, reading, filled, databaseTable(reading.source.name)) };
  } catch (error) {
    await engine.run('set preserve_insertion_order = true');
    if (error instanceof NotStraight) return staged(work, error.isSound);
    if (unevenLines.test(String(error))) return staged(work, true);
    if (brokenLines.test(String(error))) return staged(work, false);
    throw error;
  }
}

/** Into a table with rows a file comes by way of a temporary one. */
async function staged(
  { engine, input, reading, maxErrors, replaces, started, aside }: Work,
  isSound: boolean,
): Promise<Account> {
  const { found, rows, read } = await find(engine, input, reading, isSound, aside);
  refuseBeyond(maxErrors, found);
  return inAnyOrder(engine, () =>
    engine.transaction(async () => {
      if (replaces) await clearSource(engine, reading.source.name);
      await aside?.within();
      // A file that lacks what every row needs has no column for it either.
      const upserted =
        rows.good === 0
          ? { added: 0, updated: 0, unchanged: 0 }
          : await upsert(engine, reading.source, rows.filled, reading.mapping?.twins ?? 'one');
      const whole: Account = { ...found, ...upserted, seconds: (performance.now() - started) / 1000 };
      await record(engine, whole, input, read);
      return whole;
    }),
  );
}

/** Stages a file and says what was found in it. */
async function find(
  engine: DuckDb,
  input: Input,
  reading: FileReading,
  isSound = true,
  aside?: Aside,
): Promise<{ found: Found; rows: Staged; read: Reading }> {
  let read: Reading = reading;
  let rows = await stageSoundly(engine, input, read, isSound);
  if (await wantsDateOrder(engine, read)) {
    read = { ...read, forms: { ...read.forms, dateOrder: await tellDateOrder(engine, read, input.name) } };
    rows = await stageSoundly(engine, input, read, isSound);
  }
  await aside?.whenStaged();
  const found = await describe(engine, input, reading, read.forms, rows);
  return { found: { ...found, doubtful: await doubtful(engine, read, rows.filled, 'staged') }, rows, read };
}

const wantsDateOrder = async (engine: DuckDb, { forms, rowByRow }: Reading): Promise<boolean> =>
  forms.dateOrder === undefined && rowByRow !== true && (await hasEitherOrder(engine));

async function describe(
  engine: DuckDb,
  input: Input,
  reading: FileReading,
  forms: Forms,
  { read, bad }: Pick<Staged, 'read' | 'bad'>,
): Promise<Found> {
  const { source, mapping, ignored, steps } = reading;
  return {
    file: input.name,
    source: source.name,
    ...(mapping ? { mapping: mapping.name } : {}),
    steps,
    forms,
    toldByDates: forms.dateOrder !== reading.forms.dateOrder,
    read,
    quarantined: bad,
    ignored,
    rejected: bad === 0 ? [] : await rejected(engine, reading),
    doubtful: [],
    emptied: await emptied(engine, reading),
  };
}

/** Lines of an NDJSON file, blank ones too, where they are counted as it is read for the ledger. */
async function linesCounted(input: Input, { layout }: Reading): Promise<number | undefined> {
  const isCounted =
    layout.format === 'ndjson' && layout.path === input.path && input.isAsGiven && input.compression !== 'zstd';
  return isCounted ? (await input.content()).lines : undefined;
}

/** Rows of an NDJSON file, if it has no blank lines. */
const linesOf = async (engine: DuckDb, input: Input, reading: Reading): Promise<number> =>
  (await linesCounted(input, reading)) ?? recordLines(engine, reading);

function refuseBeyond(most: number | undefined, { file, quarantined, rejected: [first] }: Found): void {
  if (most === undefined || quarantined <= most || !first) return;
  throw new WattduckError(
    'rejected',
    clipped`${file}: ${formatCount(quarantined)} rows are bad, ${most === 0 ? 'none' : `at most ${formatCount(most)}`} may be; line ${first.first}: ${said(first)}; nothing of the file was kept`,
    'Mend them, or take the good ones in and let the rest go to quarantine (without --strict and --max-errors).',
  );
}

/** Stages a file; one whose line ends or quotes DuckDB can't make out, from a sound copy. */
async function stageSoundly(engine: DuckDb, input: Input, reading: Reading, isSound = true): Promise<Staged> {
  try {
    const whole = await stage(engine, reading, [], isSound, await linesCounted(input, reading));
    if (!whole.brokenQuotes) return whole;
  } catch (error) {
    if (!unevenLines.test(String(error))) throw error;
  }
  const { layout, broken } = await soundCopy(input, reading.layout);
  const mended = await stage(engine, { ...reading, layout }, broken);
  if (mended.brokenQuotes) {
    throw new WattduckError(
      'failed',
      clipped`${input.name}: its quotes can not be made out`,
      'Export it with every quote inside a value doubled.',
    );
  }
  return mended;
}
