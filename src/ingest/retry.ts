import { join } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import type { Catalog } from '../catalog/catalog.ts';
import { WattduckError } from '../errors.ts';
import { clipped } from '../text/plain-text.ts';
import { literal, type DuckDb } from '../warehouse/engine.ts';
import type { Row } from '../warehouse/values.ts';
import { takeIn, type Aside, type IngestOptions } from './ingest-file.ts';
import { openInput, scratchFolder, type Input } from './input.ts';
import type { Layout } from './layout.ts';
import { texts } from './ledger.ts';
import { readingOf, type FileReading } from './readings.ts';
import { recognise } from './recognise.ts';
import type { Account } from './result.ts';
import type { Forms } from './rows.ts';

/** Which quarantined rows to read again: those of a source or file, or those a corrected export names. */
export interface RetryOptions extends IngestOptions {
  file?: string;
  /** A CSV of `quarantine export` whose `raw` has been corrected. */
  corrected?: string;
}

/** How a file was read, as the ledger keeps it. */
interface ReadBefore {
  names: string[];
  delimiter: string;
  forms: Forms;
}

/**
 * Reads quarantined rows again, each file's in one transaction: those that are good now go into their table, the others stay,
 * with the line of the file they came from.
 */
export async function retryQuarantined(
  engine: DuckDb,
  catalog: Catalog,
  options: RetryOptions,
): Promise<{ accounts: Account[]; gone: number }> {
  const input =
    options.corrected === undefined
      ? undefined
      : await openInput(options.corrected, { ...options, stopped: engine.abortSignal }, engine.workDir);
  try {
    const gone = await chooseRows(engine, options, input);
    const groups = await engine.rows(
      `select distinct q.ingest_id, q.source, q.file, i.format, i.mapping, i.reading::varchar as reading
       from chosen c join quarantine q using (quarantine_id) left join ingests i using (ingest_id) order by ingest_id, source`,
    );
    if (groups.length === 0)
      throw new WattduckError('not_found', 'no quarantined row is so', 'wattduck quarantine list shows what there is.');
    const accounts: Account[] = [];
    for (const group of groups) accounts.push(await retryGroup(engine, catalog, group, options));
    return { accounts, gone };
  } finally {
    await input?.dispose();
  }
}

/** The rows to be retried, with their text as it is now, into the temporary table `chosen`; answers how many are no longer there. */
async function chooseRows(
  engine: DuckDb,
  { source, file, corrected }: RetryOptions,
  input: Input | undefined,
): Promise<number> {
  const mended = input
    ? `select try_cast(quarantine_id as bigint) as quarantine_id, raw from read_csv(${literal(input.path)}, header = true, all_varchar = true, delim = ',', quote = '"', escape = '"', compression = '${input.compression}', hive_partitioning = false)`
    : 'select quarantine_id, raw from quarantine';
  await engine.run(`create or replace temp table mended as ${mended}`).catch((error: unknown) => {
    if (!/Binder Error|Invalid Input/.test(String(error))) throw error;
    throw new WattduckError(
      'usage',
      clipped`${corrected}: is no export of the quarantine, with its columns quarantine_id and raw`,
      'Make one with: wattduck quarantine export -o rows.csv',
      error,
    );
  });
  const only = texts({ ...(source === undefined ? {} : { source }), ...(file === undefined ? {} : { file }) });
  const conditions = Object.keys(only.values).map((name) => ` and q.${name} = $${name}`);
  await engine.run(
    `create or replace temp table chosen as select q.quarantine_id, m.raw from quarantine q join mended m using (quarantine_id) where m.raw is not null${conditions.join('')}`,
    only,
  );
  return engine.countRows('select 1 from mended where quarantine_id not in (select quarantine_id from quarantine)');
}

async function retryGroup(engine: DuckDb, catalog: Catalog, group: Row, options: RetryOptions): Promise<Account> {
  const file = String(group['file']);
  if (group['reading'] === null) {
    throw new WattduckError(
      'failed',
      clipped`${file} was taken in by an older wattduck, which did not keep how it was read`,
      clipped`Take it in again: wattduck ingest --force ${file}`,
    );
  }
  const before = JSON.parse(String(group['reading'])) as ReadBefore;
  const scratch = scratchFolder(engine.workDir);
  try {
    const format = group['format'] === 'csv' ? 'csv' : 'ndjson';
    const path = join(await scratch.folder(), 'rows');
    await writeRows(
      engine,
      path,
      format === 'csv' ? stringify([before.names], { delimiter: before.delimiter }).trimEnd() : undefined,
      Number(group['ingest_id']),
    );
    const layout: Layout = {
      format,
      names: before.names,
      lists: new Map(),
      delimiter: before.delimiter,
      path,
      compression: 'uncompressed',
    };
    const reading = await readAgain(catalog, layout, file, group, before, options);
    const input = await openInput(path, { stdin: options.stdin, stopped: engine.abortSignal }, engine.workDir);
    try {
      return (await takeIn(
        engine,
        { ...input, name: file },
        reading,
        { ...options, force: true },
        settleChosen(engine, Number(group['ingest_id'])),
      )) as Account;
    } finally {
      await input.dispose();
    }
  } finally {
    await scratch.dispose();
  }
}

async function readAgain(
  catalog: Catalog,
  layout: Layout,
  file: string,
  group: Row,
  before: ReadBefore,
  options: RetryOptions,
): Promise<FileReading> {
  const name = options.mapping ?? (group['mapping'] === null ? undefined : String(group['mapping']));
  const wanted = name === undefined ? { source: String(group['source']) } : { format: await catalog.mapping(name) };
  const [recognised] = recognise(await catalog.sources(), [], layout, file, wanted);
  return readingOf(catalog, { ...recognised!, steps: [] }, layout, {
    ...before.forms,
    ...options,
    ...(name === undefined ? {} : { mapping: name }),
  });
}

/** The chosen rows of one file as a file, under its header; `places` tells on which line of it each begins. */
async function writeRows(engine: DuckDb, path: string, header: string | undefined, ingest: number): Promise<void> {
  const first = header === undefined ? 1 : 1 + header.split('\n').length;
  await engine.run(
    `create or replace temp table places as
     select quarantine_id, q.line, c.raw,
       ${first} + coalesce(sum(1 + length(c.raw) - length(replace(c.raw, chr(10), ''))) over (order by quarantine_id rows between unbounded preceding and 1 preceding), 0) as place
     from chosen c join quarantine q using (quarantine_id) where ingest_id = ${ingest}`,
  );
  const head = header === undefined ? '' : `select 0 as place, ${literal(header)} as raw union all`;
  await engine.run(
    `copy (select raw from (${head} select place, raw from places) order by place) to ${literal(path)} (format csv, header false, delimiter '\\0', quote '', escape '')`,
  );
}

/** What was chosen leaves the quarantine; what is still bad goes back by the line of its own file. */
const settleChosen = (engine: DuckDb, ingest: number): Aside => ({
  whenStaged: () => engine.run('update bad_rows set line = p.line from places p where p.place = bad_rows.line'),
  within: () =>
    engine.run(
      `delete from quarantine where ingest_id = ${ingest} and quarantine_id in (select quarantine_id from places)`,
    ),
});
