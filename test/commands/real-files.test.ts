import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { scratch, wattduck } from '../support/cli.ts';

const folder = '../shared/data/charging';
const there = existsSync(folder);
const files = there
  ? readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)).filter((path) => /\.(csv|json)$/.test(path) && statSync(path).isFile())
  : [];

describe.skipIf(!there)('real files (skipped where they are not)', () => {
  const at = scratch();
  test.each(files)('%s comes in whole, or is said to lack what it lacks', async (path) => {
    const db = join(at, `${basename(path)}.duckdb`);
    const { status, stdout, stderr } = await wattduck(['ingest', path, '--db', db, '--json']);
    if (status === 0) {
      const { read, added, updated, unchanged, quarantined } = JSON.parse(stdout) as Record<string, number>;
      expect(added! + updated! + unchanged! + quarantined!).toBe(read);
    } else {
      expect(stderr).toMatch(/^error: \S+ lacks [a-z_, ]+ for source charging_sessions; its (header|keys): [^\n]+\n$/);
    }
  });
});
