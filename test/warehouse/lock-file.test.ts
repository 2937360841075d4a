import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import {
  isReachable,
  readLockFile,
  removeStaleLock,
  socketName,
  workDirPrefix,
  writeLockFile,
  type LockRecord,
} from '../../src/warehouse/lock-file.ts';
import { scratch } from '../support/cli.ts';

const folder = scratch();
const isRoot = process.getuid?.() === 0;
const stranger = 65_534;

/** A database file with the lock file and folder of a server. */
async function owned(): Promise<{ db: string; lock: string; record: LockRecord; remove: () => void }> {
  const home = mkdtempSync(join(folder, 'h-'));
  const [db, spool] = [join(home, 'x.duckdb'), mkdtempSync(join(home, workDirPrefix))];
  writeFileSync(db, 'not opened here');
  const address = join(spool, socketName);
  const server = createServer().listen(address);
  afterAll(() => void server.close());
  await once(server, 'listening');
  chmodSync(address, 0o600);
  const record = { pid: process.pid, url: 'http://127.0.0.1:9', address, spool, version: '0' };
  return { db, lock: `${db}.owner`, record, remove: writeLockFile(db, record) };
}

test('the lock file of a server is read, and its socket is reachable', async () => {
  const { db, record, lock, remove } = await owned();
  const found = readLockFile(db)!;
  expect(found).toMatchObject(record);
  expect(isReachable(found)).toBe(true);
  // Also through another name of the same file.
  symlinkSync(db, join(dirname(db), 'other.duckdb'));
  expect(readLockFile(join(dirname(db), 'other.duckdb'))).toMatchObject(record);
  remove();
  expect(existsSync(lock)).toBe(false);
});

describe('a lock file is ignored with a warning', () => {
  test.each<[what: string, reason: string, needsRoot: boolean, change: (lock: string) => void]>([
    ['that all can write', 'other users can write to it', false, (lock) => chmodSync(lock, 0o666)],
    ['that its group can write', 'other users can write to it', false, (lock) => chmodSync(lock, 0o660)],
    ['of another user', 'it belongs to another user', true, (lock) => chownSync(lock, stranger, stranger)],
    [
      'if it is a symbolic link to a valid one',
      'it is a symbolic link',
      false,
      (lock) => (renameSync(lock, `${lock}-real`), symlinkSync(`${lock}-real`, lock)),
    ],
    [
      'if it is a pipe',
      'it is not a file',
      false,
      (lock) => (rmSync(lock), execFileSync('mkfifo', ['-m', '600', lock])),
    ],
    ['that is a folder', 'it is not a file', false, (lock) => (rmSync(lock), mkdirSync(lock))],
  ])('%s', async (_, reason, needsRoot, change) => {
    if (needsRoot && !isRoot) return;
    const { db, lock } = await owned();
    change(lock);
    const warnings: string[] = [];
    expect(readLockFile(db, (line) => warnings.push(line))).toBeUndefined();
    expect(warnings).toEqual([`warning: ${lock} ignored: ${reason}`]);
  });
});

describe('nobody connects to a socket', () => {
  test.each<[what: string, needsRoot: boolean, change: (record: LockRecord) => void]>([
    ['in a folder that others can enter', false, ({ spool }) => chmodSync(spool, 0o755)],
    ['in a folder of another user', true, ({ spool }) => chownSync(spool, stranger, stranger)],
    [
      'in another folder of the same name',
      false,
      ({ spool }) => (
        renameSync(spool, `${spool}-old`),
        mkdirSync(spool, { mode: 0o700 }),
        renameSync(`${spool}-old/${socketName}`, join(spool, socketName))
      ),
    ],
    [
      'in a folder that is a link',
      false,
      ({ spool }) => (renameSync(spool, `${spool}-old`), symlinkSync(`${spool}-old`, spool)),
    ],
    ['of another user', true, ({ address }) => chownSync(address, stranger, stranger)],
    ['that others can write to', false, ({ address }) => chmodSync(address, 0o666)],
    ['that is a file', false, ({ address }) => (rmSync(address), writeFileSync(address, '', { mode: 0o600 }))],
    [
      'that is a link',
      false,
      ({ address }) => (renameSync(address, `${address}-real`), symlinkSync(`${address}-real`, address)),
    ],
    ['that is gone', false, ({ address }) => rmSync(address)],
  ])('%s', async (_, needsRoot, change) => {
    if (needsRoot && !isRoot) return;
    const { db, record } = await owned();
    change(record);
    expect(isReachable(readLockFile(db)!)).toBe(false);
  });
});

describe('after a server was killed', () => {
  test('the lock file and its folder are removed, and nothing else', async () => {
    const { db, lock, record } = await owned();
    const other = mkdtempSync(join(dirname(db), workDirPrefix));
    removeStaleLock(db);
    expect([lock, record.spool, other, db].map((path) => existsSync(path))).toEqual([false, false, true, true]);
  });

  /** Writes a lock file that no server would write. */
  const rewrite = (lock: string, change: (stored: LockRecord & { folders: Record<string, string> }) => void): void => {
    const stored = JSON.parse(readFileSync(lock, 'utf8')) as LockRecord & { folders: Record<string, string> };
    change(stored);
    writeFileSync(lock, JSON.stringify(stored));
  };

  test.each<[what: string, make: (precious: string, record: LockRecord, lock: string) => void]>([
    [
      'by another name',
      (precious, { spool }, lock) => {
        renameSync(spool, precious);
        rewrite(lock, (stored) =>
          Object.assign(stored, {
            spool: precious,
            address: join(precious, socketName),
            folders: { [precious]: stored.folders[spool]! },
          }),
        );
      },
    ],
    [
      'named beside its own',
      (precious, { spool }, lock) => {
        mkdirSync(precious);
        rewrite(lock, (stored) => (stored.folders[precious] = stored.folders[spool]!));
      },
    ],
    [
      'that a link of that name leads to',
      (precious, { spool }) => {
        renameSync(spool, precious);
        symlinkSync(precious, spool);
      },
    ],
    [
      'that another user made of that name',
      (precious, { spool }) => {
        renameSync(spool, precious);
        if (isRoot) chownSync(precious, stranger, stranger);
        symlinkSync(precious, spool);
      },
    ],
    [
      'that others can enter',
      (precious, { spool }) => {
        chmodSync(spool, 0o777);
        symlinkSync(spool, precious);
      },
    ],
  ])('a folder %s is not removed', async (_, make) => {
    const { db, lock, record } = await owned();
    const precious = join(dirname(db), 'precious');
    make(precious, record, lock);
    writeFileSync(join(precious, 'diary'), 'dear diary');
    removeStaleLock(db);
    expect([existsSync(lock), readFileSync(join(precious, 'diary'), 'utf8')]).toEqual([false, 'dear diary']);
  });

  test('a lock file that another user can write removes nothing', async () => {
    const { db, lock, record } = await owned();
    chmodSync(lock, 0o666);
    removeStaleLock(db);
    expect([existsSync(lock), existsSync(record.spool)]).toEqual([false, true]);
  });
});

test('a server removes its own lock file, but not that of a later server', async () => {
  const { db, lock, record, remove } = await owned();
  writeLockFile(db, { ...record, pid: 1 });
  remove();
  expect(readLockFile(db)).toMatchObject({ pid: 1 });
  expect(existsSync(lock)).toBe(true);
});
