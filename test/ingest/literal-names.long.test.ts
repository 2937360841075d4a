import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { expandPaths } from '../../src/ingest/expand-paths.ts';
import { openForWriting } from '../../src/warehouse/database.ts';
import { scratch } from '../support/cli.ts';
import { openEngine } from '../support/duckdb.ts';
import { ingestSource } from '../support/ingest.ts';
import { fileExtensions, names, writers } from '../support/nasty-names.ts';

const folder = scratch();
const { duckdb, catalog } = await openEngine();

const written = writers(duckdb, folder);

await openForWriting(duckdb, join(folder, 'names.duckdb'), catalog);
beforeEach(() => duckdb.run('delete from charging_sessions'));
const ids = async (): Promise<unknown[]> =>
  (await duckdb.rows('select session_id from charging_sessions order by 1')).map(({ session_id: id }) => id);

describe.each(fileExtensions)('a name is that of a file, never a pattern: %s', (ending) => {
  const inside = join(folder, `${ending}-files`);
  const place = (name: string): string => `${inside}/${encodeURIComponent(name)}`;
  const nasty = (name: string): string => `${place(name)}/${name}.${ending}`;
  beforeAll(async () => {
    mkdirSync(inside);
    for (const [at, [name, decoy]] of names.entries()) {
      mkdirSync(place(name));
      await written[ending](`${place(name)}/${decoy}.${ending}`, `decoy-${at}`);
      await written[ending](nasty(name), `right-${at}`);
    }
  });

  test.each(names)('%j next to %j', async (name) => {
    expect(await ingestSource(duckdb, catalog, '', nasty(name))).toMatchObject({ file: nasty(name), read: 1 });
    expect(await ids()).toEqual([`right-${names.findIndex(([each]) => each === name)}`]);
    expect(await duckdb.row('select file from ingests order by ingest_id desc limit 1')).toEqual({ file: nasty(name) });
  });

  test('found in a folder, each is read once', async () => {
    const { files, skipped } = await expandPaths([inside]);
    for (const file of files) await ingestSource(duckdb, catalog, '', file);
    expect([files.length, skipped]).toEqual([names.length * 2, 0]);
    expect(await ids()).toEqual(names.flatMap((_, at) => [`right-${at}`, `decoy-${at}`]).toSorted());
  });

  test('found by a pattern, none is expanded again', async () => {
    const { files } = await expandPaths([`${inside}/*/*[[]1].${ending}`, `${inside}/**/q[?].*`]);
    for (const file of files) await ingestSource(duckdb, catalog, '', file);
    expect(await ids()).toEqual(
      names.flatMap(([name], at) => (/\[1\]$|^q\?$/.test(name) ? [`right-${at}`] : [])).toSorted(),
    );
  });
});
