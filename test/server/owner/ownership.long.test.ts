import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { Catalog } from '../../../src/catalog/catalog.ts';
import { ingestFile } from '../../../src/ingest/ingest-file.ts';
import { ClientServer } from '../../../src/server/owner/client-server.ts';
import { DatabaseOwner } from '../../../src/server/owner/owner.ts';
import { DuckDb } from '../../../src/warehouse/duckdb.ts';
import { RemoteConnection } from '../../../src/warehouse/remote-connection.ts';
import { scratch, wattduck } from '../../support/cli.ts';
import { startInProcessServer } from '../../support/in-process-server.ts';

const folder = scratch();
const never = new AbortController().signal;
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const take = (owner: DatabaseOwner, path: string): Promise<unknown> =>
  owner.write((duckdb) =>
    ingestFile(duckdb, owner.catalog, owner.path, path, { stdin: Readable.from([]), defaultTimeZone: 'UTC' }),
  );
const rows = (owner: DatabaseOwner, sql: string): Promise<unknown> => owner.read((duckdb) => duckdb.rows(sql), never);

const plain = file(
  'plain.csv',
  'session_id,station_id,start_time,timestamp\na,S,2024-01-01 00:00:00,2024-01-01 00:00:00\n',
);
const wider = file(
  'wider.csv',
  'session_id,station_id,start_time,timestamp,location\nb,S,2024-01-01 00:00:00,2024-01-01 00:00:00,Harbour\n',
);
const sites = file('sites.csv', 'site_id,site_name,timezone,last_updated\nH,Harbour,UTC,2024-01-01 00:00:00\n');
const sessions = 'select session_id, location from charging_sessions order by session_id';

test('readers see the first rows of a source, and new columns', async () => {
  const {
    context: { owner },
  } = await startInProcessServer();
  expect(await rows(owner, sessions)).toEqual([]);
  await take(owner, plain);
  expect(await rows(owner, sessions)).toEqual([{ session_id: 'a', location: null }]);
  await take(owner, wider);
  expect(await rows(owner, sessions)).toEqual([
    { session_id: 'a', location: null },
    { session_id: 'b', location: 'Harbour' },
  ]);
  expect(await rows(owner, 'select site_id, site_name, address from sites')).toEqual([]);
  await take(owner, sites);
  expect(await rows(owner, 'select site_id, site_name, address from sites')).toEqual([
    { site_id: 'H', site_name: 'Harbour', address: null },
  ]);
});

test('readers that ran during a layout change see the new layout after it', async () => {
  const {
    context: { owner },
  } = await startInProcessServer();
  await take(owner, plain);
  await owner.write((duckdb) =>
    duckdb.withWriteLock(() =>
      duckdb.transaction(async () => {
        await duckdb.run('alter table db.main.charging_sessions add column location varchar');
        await duckdb.run("update charging_sessions set location = 'Quay'");
        expect(await rows(owner, sessions)).toEqual([{ session_id: 'a', location: null }]);
      }),
    ),
  );
  expect(await rows(owner, sessions)).toEqual([{ session_id: 'a', location: 'Quay' }]);
});

test('a layout change that was rolled back is visible to no reader', async () => {
  const {
    context: { owner },
  } = await startInProcessServer();
  await take(owner, plain);
  await expect(
    owner.write((duckdb) =>
      duckdb.withWriteLock(() =>
        duckdb.transaction(async () => {
          await duckdb.run('alter table db.main.charging_sessions add column location varchar');
          await duckdb.run("update charging_sessions set location = 'Quay'");
          throw new Error('given up');
        }),
      ),
    ),
  ).rejects.toThrow('given up');
  expect(await rows(owner, sessions)).toEqual([{ session_id: 'a', location: null }]);
  await take(owner, wider);
  expect(await rows(owner, sessions)).toEqual([
    { session_id: 'a', location: null },
    { session_id: 'b', location: 'Harbour' },
  ]);
});

test('one read sees one snapshot, whatever is written meanwhile', async () => {
  const {
    context: { owner },
  } = await startInProcessServer();
  await take(owner, plain);
  const count = async (duckdb: DuckDb): Promise<unknown> =>
    (await duckdb.row('select count(*) as n from charging_sessions'))['n'];
  await owner.read(async (duckdb) => {
    expect(await count(duckdb)).toBe(1);
    await take(owner, wider);
    expect(await count(duckdb)).toBe(1);
    expect(await duckdb.rows(sessions)).toEqual([{ session_id: 'a', location: null }]);
  }, never);
  expect(await owner.read(count, never)).toBe(2);
});

test('streamed rows are those of the snapshot at the start', async () => {
  const {
    context: { owner },
  } = await startInProcessServer();
  const many = Array.from({ length: 20_000 }, (_, n) => `s${n},S,2024-01-01 00:00:00,2024-01-01 00:00:00`).join('\n');
  await take(owner, file('many.csv', `session_id,station_id,start_time,timestamp\n${many}\n`));
  const seen = await owner.read(async (duckdb) => {
    const ids = new Set<unknown>();
    let hasWritten = false;
    for await (const some of duckdb.chunks('select session_id, station_id from charging_sessions')) {
      for (const row of some) ids.add(`${String(row['session_id'])} ${String(row['station_id'])}`);
      if (!hasWritten)
        await take(
          owner,
          file(
            'newer.csv',
            `session_id,station_id,start_time,timestamp\n${many.replaceAll(',S,', ',T,').replaceAll('2024-01-01 00:00:00\n', '2024-01-02 00:00:00\n')}\nz,T,2024-01-01 00:00:00,2024-01-01 00:00:00\n`,
          ),
        );
      hasWritten = true;
    }
    return ids;
  }, never);
  expect(seen.size).toBe(20_000);
  expect([...seen].filter((each) => !String(each).endsWith(' S'))).toEqual([]);
  expect(
    await rows(owner, "select count(*) as n, count(*) filter (station_id = 'T') > 0 as newer from charging_sessions"),
  ).toEqual([{ n: 20_001, newer: true }]);
});

test('readers cannot write', async () => {
  const {
    context: { owner },
  } = await startInProcessServer();
  await take(owner, plain);
  await expect(rows(owner, 'delete from db.main.charging_sessions')).rejects.toThrow(/read-only/);
  expect(await rows(owner, sessions)).toHaveLength(1);
});

test('a reader can be reused after a query that failed, was cancelled, or was read in part', async () => {
  const {
    context: { owner },
  } = await startInProcessServer();
  await take(owner, plain);
  for (let times = 0; times < 5; times += 1) {
    await expect(rows(owner, 'select error($$of its own$$)')).rejects.toThrow('of its own');
    await expect(rows(owner, 'from nowhere')).rejects.toThrow('nowhere');
    const stop = new AbortController();
    const endless = owner.read(
      (duckdb) => duckdb.rows('select count(*) as n from range(10000000) a, range(10000000) b'),
      stop.signal,
    );
    setImmediate(() => stop.abort());
    await expect(endless).rejects.toThrow();
    await owner.read(async (duckdb) => void (await duckdb.chunks('from range(1000000)').next()), never);
    await owner.read(async (duckdb) => {
      for await (const some of duckdb.chunks('from range(1000000)')) {
        expect(some.length).toBeGreaterThan(0);
        break;
      }
    }, never);
    // The views of a failed reader are created again.
    expect(await rows(owner, sessions)).toEqual([{ session_id: 'a', location: null }]);
  }
});

test('a query that waits for a reader when its client disconnects is not started', async () => {
  const {
    context: { owner },
  } = await startInProcessServer();
  const stop = new AbortController();
  let letGo!: () => void;
  const held = new Promise<void>((release) => (letGo = release));
  const busy = Array.from({ length: 8 }, () => owner.read(() => held, never));
  let hasBegun = false;
  const waiting = owner.read(async () => void (hasBegun = true), stop.signal);
  stop.abort();
  letGo();
  await expect(waiting).rejects.toThrow();
  await Promise.all(busy);
  expect(hasBegun).toBe(false);
});

test('the data version rises with every change a command makes through the server, and not with reads', async () => {
  const {
    context: { owner },
    db,
  } = await startInProcessServer();
  const guests = await ClientServer.listen(owner);
  const duckdb = await DuckDb.open();
  const catalog = await Catalog.open(duckdb);
  const link = (await RemoteConnection.open(guests.socketPath))!;
  duckdb.connectRemote(link, await link.enter());
  const changes = async (work: () => Promise<unknown>): Promise<boolean> => {
    const before = owner.dataVersion;
    await work();
    return owner.dataVersion > before;
  };
  const bad = file('bad.csv', 'session_id,station_id,start_time,timestamp\nx,S,soon,2024-01-01 00:00:00\n');
  expect(
    await changes(() => ingestFile(duckdb, catalog, db, bad, { stdin: Readable.from([]), defaultTimeZone: 'UTC' })),
  ).toBe(true);
  expect(await changes(() => duckdb.rows('from quarantine'))).toBe(false);
  expect(await changes(() => rows(owner, 'from quarantine'))).toBe(false);
  // As quarantine clear does it.
  expect(await changes(() => duckdb.withWriteLock(() => duckdb.row('delete from quarantine')))).toBe(true);
  const tokens = owner.tokensVersion;
  await duckdb.transaction(() =>
    duckdb.run("insert into tokens values ('t', 'h', 'read', null, now()::timestamp, null)"),
  );
  expect(owner.tokensVersion).toBeGreaterThan(tokens);
  await duckdb.close();
  await guests.close(0);
});

test('an import changes no settings of other connections', async () => {
  const {
    context: { owner },
  } = await startInProcessServer();
  const ran: string[] = [];
  const hasRun = owner.afterStatement.bind(owner);
  owner.afterStatement = (sql) => {
    ran.push(sql);
    hasRun(sql);
  };
  await take(owner, plain);
  await take(owner, wider);
  expect(ran.filter((sql) => /^insert into db/i.test(sql)).length).toBeGreaterThan(0);
  expect(ran.filter((sql) => /preserve_insertion_order *= *false/i.test(sql))).toEqual([]);
});

test('a closing owner says so, and leaves the file to the next', async () => {
  const db = join(folder, 'ending.duckdb');
  expect((await wattduck(['ingest', plain, '--db', db])).status).toBe(0);
  const duckdb = await DuckDb.open();
  const owner = await DatabaseOwner.open(duckdb, await Catalog.open(duckdb), {
    path: db,
    redact: false,
    lockWait: { seconds: 0, notify: () => undefined, signal: never },
  });
  expect(owner.isEnding).toBe(false);
  const slow = owner.read((reader) => reader.row('select count(*) as n from range(30000) a, range(3000) b'), never);
  await owner.close();
  expect([owner.isEnding, await slow, existsSync(owner.workDir), existsSync(`${db}.wal`)]).toEqual([
    true,
    { n: 90_000_000 },
    false,
    false,
  ]);
  await duckdb.close();
  expect(
    (await wattduck(['sql', 'select count(*) as n from charging_sessions', '--db', db, '--format', 'csv'])).stdout,
  ).toBe('n\n1\n');
});
