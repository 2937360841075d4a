import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { gzipSync } from 'node:zlib';
import { filesMeant } from '../../src/ingest/files.ts';
import { openForWriting } from '../../src/warehouse/database.ts';
import { literal } from '../../src/warehouse/engine.ts';
import { scratch } from '../support/cli.ts';
import { openEngine } from '../support/engine.ts';
import { takeIn } from '../support/ingest.ts';

const folder = scratch();
const { engine, catalog } = await openEngine();

/** The beginning of a name, and that of a file a reader would open who takes it for a pattern or a URL. */
const names: [string, string][] = [
  ['s[1]', 's1'], ['q?', 'qa'], ['*', 'any'], ['**', 'any'], ['a{b,c}', 'ab'], ['[!a]', 'b'], ['back\\slash[1]', 'back\\slash1'], ["it's", 'its'], ['say "so"', 'say so'],
  [' blank ', 'blank'], ['~', 'home'], ['~root', 'root'], ['%41', 'A'], ['-rf', 'rf'], ['--db', 'db'], ['$HOME', 'HOME'], ['line\nbreak*', 'line\nbreaks'], ['\u001B[31m', '\u001B3'], ['Cafe\u0301[1]', 'Café1'], ['${x}[0]', 'x0'],
  ['year=2024', 'year'], ['file:', 'file'], ['\uFFFD[1]', '\uFFFD1'],
];

const row = (id: string): string => JSON.stringify({ session_id: id, station_id: 'S', start_time: '2024-01-01' });
const csv = (id: string): string => `session_id,station_id,start_time\n${id},S,2024-01-01\n`;
const written: Record<string, (path: string, id: string) => void | Promise<void>> = {
  csv: (path, id) => writeFileSync(path, csv(id)),
  'csv.gz': (path, id) => writeFileSync(path, gzipSync(csv(id))),
  ndjson: (path, id) => writeFileSync(path, `${row(id)}\n`),
  json: (path, id) => writeFileSync(path, `[\n${row(id)}\n]\n`),
  'ndjson.zst': async (path, id) => {
    await engine.run(`copy (select ${literal(row(id))}) to ${literal(join(folder, 'made'))} (format csv, header false, delimiter '\\0', quote '', escape '', compression zstd)`);
    renameSync(join(folder, 'made'), path);
  },
  parquet: async (path, id) => {
    await engine.run(`copy (select ${literal(id)} as session_id, 'S' as station_id, timestamp '2024-01-01' as start_time) to ${literal(join(folder, 'made'))} (format parquet)`);
    renameSync(join(folder, 'made'), path);
  },
};

await openForWriting(engine, join(folder, 'names.duckdb'), catalog);
beforeEach(() => engine.run('delete from charging_sessions'));
const ids = async (): Promise<unknown[]> => (await engine.rows('select session_id from charging_sessions order by 1')).map(({ session_id: id }) => id);

describe.each(Object.keys(written))('a name is that of a file, never a pattern: %s', (ending) => {
  const inside = join(folder, `${ending}-files`);
  const place = (name: string): string => `${inside}/${encodeURIComponent(name)}`;
  const nasty = (name: string): string => `${place(name)}/${name}.${ending}`;
  beforeAll(async () => {
    mkdirSync(inside);
    for (const [at, [name, decoy]] of names.entries()) {
      mkdirSync(place(name));
      await written[ending]!(`${place(name)}/${decoy}.${ending}`, `decoy-${at}`);
      await written[ending]!(nasty(name), `right-${at}`);
    }
  });

  test.each(names)('%j beside %j', async (name) => {
    expect(await takeIn(engine, catalog, '', nasty(name))).toMatchObject({ file: nasty(name), read: 1 });
    expect(await ids()).toEqual([`right-${names.findIndex(([each]) => each === name)}`]);
    expect(await engine.row('select file from ingests order by ingest_id desc limit 1')).toEqual({ file: nasty(name) });
  });

  test('found in a folder, each is read once', async () => {
    const { files, passedOver } = await filesMeant([inside]);
    for (const file of files) await takeIn(engine, catalog, '', file);
    expect([files.length, passedOver]).toEqual([names.length * 2, 0]);
    expect(await ids()).toEqual(names.flatMap((_, at) => [`right-${at}`, `decoy-${at}`]).toSorted());
  });

  test('found by a pattern, it is no pattern again', async () => {
    const { files } = await filesMeant([`${inside}/*/*[[]1].${ending}`, `${inside}/**/q[?].*`]);
    for (const file of files) await takeIn(engine, catalog, '', file);
    expect(await ids()).toEqual(names.flatMap(([name], at) => (/\[1\]$|^q\?$/.test(name) ? [`right-${at}`] : [])).toSorted());
  });
});
