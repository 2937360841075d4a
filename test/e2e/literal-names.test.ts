import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { scratch } from '../support/cli.ts';
import { openEngine } from '../support/duckdb.ts';
import { csv, fileExtensions, names, writers, type FileExtension } from '../support/nasty-names.ts';
import { runCli, spawnServer, stopServer, type SpawnedServer } from './spawn-cli.ts';

/** A folder a row of names: each file beside the one its name would match as a pattern. */
const folder = scratch();
const { duckdb } = await openEngine();
const written = writers(duckdb, folder);
const home = join(folder, 'home');
const db = join(home, 'x.duckdb');
const place = (name: string, ending: FileExtension): string => join(home, `${encodeURIComponent(name)} ${ending}`);
const env = { TMPDIR: join(home, 'tmp [1]') };
/** Every name in one format, every format with one name. */
const given: [string, string, FileExtension][] = [
  ...names.map(([name, decoy]): [string, string, FileExtension] => [name, decoy, 'csv']),
  ...fileExtensions.map((ending): [string, string, FileExtension] => ['s[1]', 's1', ending]),
];
let server: SpawnedServer;

const select = async (sql: string): Promise<string[]> =>
  (await runCli(['sql', sql, '--db', db, '--format', 'csv'], { cwd: home, env })).stdout.trim().split('\n').slice(1);

beforeAll(async () => {
  mkdirSync(env.TMPDIR, { recursive: true });
  for (const [at, [name, decoy, ending]] of given.entries()) {
    mkdirSync(place(name, ending), { recursive: true });
    await written[ending](`${place(name, ending)}/${decoy}.${ending}`, `decoy-${at}`);
    await written[ending](`${place(name, ending)}/${name}.${ending}`, `right-${at}`);
  }
  // Some names twice, once among all and once by format.
  server = await spawnServer(db, { cwd: home, env });
});
afterAll(() => stopServer(server, 'SIGTERM'));

describe('through a server', () => {
  test('every name is that of its file, and nothing is left in the folder for temporary files', async () => {
    const before = readdirSync(server.lockFile.spool);
    const files = [...new Set(given.map(([name, , ending]) => `${place(name, ending)}/${name}.${ending}`))];
    const { status, stderr } = await runCli(['ingest', '--db', db, '--', ...files], { cwd: home, env });
    expect([status, stderr]).toEqual([
      0,
      `${files.length} files: ${files.length} rows read = ${files.length} new + 0 updated + 0 unchanged + 0 superseded + 0 rejected\n`,
    ]);
    expect(await select("select count(*) from charging_sessions where session_id like 'decoy%'")).toEqual(['0']);
    expect(await select('select count(distinct file) from ingests')).toEqual([String(files.length)]);
    expect(readdirSync(server.lockFile.spool)).toEqual(before);
  });

  test('an export of the quarantine is read by its name, gzipped too', async () => {
    writeFileSync(join(home, 'bad.csv'), csv('bad').replace('2024-01-01', 'soon') + 'worse,S,later\n');
    await runCli(['ingest', 'bad.csv', '--db', db], { cwd: home, env });
    const rows = parse((await runCli(['quarantine', 'export', '--db', db], { cwd: home, env })).stdout, {
      columns: true,
    }) as Record<string, string>[];
    const corrected = (id: string): string =>
      stringify(
        rows.filter(({ raw }) => raw!.startsWith(id)).map((row) => ({ ...row, raw: `${id},S,2024-01-05` })),
        { header: true },
      );
    writeFileSync(join(home, 'e[1].csv'), corrected('bad'));
    writeFileSync(join(home, 'e1.csv'), corrected('worse'));
    expect((await runCli(['quarantine', 'retry', 'e[1].csv', '--db', db], { cwd: home, env })).stdout).toMatch(
      /^bad\.csv: 1 row read = 1 new /,
    );
    expect(await select("select session_id from charging_sessions where session_id in ('bad', 'worse')")).toEqual([
      'bad',
    ]);
    writeFileSync(join(home, 'e?.gz'), gzipSync(readFileSync(join(home, 'e1.csv'))));
    expect((await runCli(['quarantine', 'retry', 'e?.gz', '--db', db], { cwd: home, env })).stdout).toMatch(
      /^bad\.csv: 1 row read = 1 new /,
    );
  });

  test('a name a client sends is only a label', async () => {
    const labels = [
      '../../x.csv',
      's[1].csv',
      '/etc/passwd',
      '*.csv',
      'x'.repeat(10_000),
      '~',
      'a\nb',
      '%00',
      'year=2024/x.csv',
      '\u202E\u001B[2Jx',
    ];
    for (const [at, label] of labels.entries()) {
      const body = new FormData();
      body.append('csv', new Blob([csv(`label-${at}`)]), label);
      const answer = await fetch(`${server.url}/v0/datasources?name=charging_sessions`, { method: 'POST', body });
      expect([label, answer.status, ((await answer.json()) as Record<string, unknown>)['successful_rows']]).toEqual([
        label,
        200,
        1,
      ]);
    }
    // A NUL, and bytes that are no UTF-8, which no client library sends.
    for (const name of ['a\0b', '\xff[1]', '../'.repeat(20)]) {
      const body = Buffer.concat([
        Buffer.from('--b\r\nContent-Disposition: form-data; name="csv"; filename="'),
        Buffer.from(name, 'latin1'),
        Buffer.from(`"\r\n\r\n${csv('raw')}\r\n--b--\r\n`),
      ]);
      const answer = await fetch(`${server.url}/v0/datasources?name=charging_sessions`, {
        method: 'POST',
        body,
        headers: { 'content-type': 'multipart/form-data; boundary=b' },
      });
      expect([name, answer.status < 500]).toEqual([name, true]);
    }
    expect(await select("select count(*) from charging_sessions where session_id like 'label-%'")).toEqual([
      String(labels.length),
    ]);
    expect(
      await select(
        `select count(*) from ingests where length(file) > 200 or regexp_matches(file, '[/[:cntrl:]]') and file like '%upload%'`,
      ),
    ).toEqual(['0']);
  });
});
