import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { Action, Report } from '../../src/catalog/definitions.ts';
import { acknowledge } from '../../src/reports/acknowledge.ts';
import { toDocument } from '../../src/reports/document.ts';
import { openForWriting } from '../../src/warehouse/database.ts';
import { scratch } from '../support/cli.ts';
import { openEngine } from '../support/duckdb.ts';
import { ingestSource } from '../support/ingest.ts';

const { duckdb, catalog } = await openEngine();
const db = join(scratch(), 'x.duckdb');
let [action, issue] = [{} as Action, {} as Report];
beforeAll(async () => {
  await openForWriting(duckdb, db, catalog);
  await ingestSource(duckdb, catalog, db, 'test/reports/data/depot/issues.csv');
  [action, issue] = [await catalog.action('acknowledge'), await catalog.report('issue')];
});

const at = (time: string, given: Record<string, string | undefined>) =>
  acknowledge(duckdb, action, issue, given, { now: new Date(time), label: (name) => name });
const recorded = () =>
  duckdb.rows('select issue_id, note, acknowledged_at from db.main.issue_acknowledgements order by acknowledged_at');

test('an invalid request fails with its kind and is rolled back', async () => {
  await expect(at('2025-06-10T00:00:00Z', { issue_id: 'none', note: 'x' })).rejects.toMatchObject({
    kind: 'not_found',
    message: 'issue "none" not found',
  });
  await expect(at('2025-06-10T00:00:00Z', { issue_id: 'dep_done', note: 'x' })).rejects.toMatchObject({
    kind: 'conflict',
    message: 'issue "dep_done" is resolved',
  });
  await expect(at('2025-06-10T00:00:00Z', { note: 'x' })).rejects.toMatchObject({
    kind: 'usage',
    message: 'issue_id is required',
  });
  await expect(at('2025-06-10T00:00:00Z', { issue_id: 'dep_open', nte: 'x' })).rejects.toMatchObject({ kind: 'usage' });
  // The issue does not exist yet at that time.
  await expect(at('2025-05-31T00:00:00Z', { issue_id: 'dep_open' })).rejects.toMatchObject({ kind: 'not_found' });
  expect(await recorded()).toEqual([]);
});

test('the result is the issue in the form of the API', async () => {
  const answer = await at('2025-06-10T00:00:00Z', { issue_id: 'dep_open', note: 'On it' });
  expect(JSON.stringify(toDocument(answer))).toBe(
    '{"issue_id":"dep_open","type":"billing","charge_point_id":"hand_1","description":"Billed twice","severity":"low","status":"acknowledged",' +
      '"created_at":"2025-06-01T08:00:00Z","acknowledged_at":"2025-06-10T00:00:00Z","resolved_at":null,"note":"On it","connector_id":null,"session_id":"s77","found_by":null}',
  );
});

test('a second note keeps the first time, the newest note and the history', async () => {
  expect((await at('2025-06-10T00:01:00Z', { issue_id: 'dep_open', note: 'Refunded' })).rows).toMatchObject([
    { acknowledged_at: '2025-06-10 00:00:00', note: 'Refunded' },
  ]);
  expect((await at('2025-06-10T00:02:00Z', { issue_id: 'dep_open', note: undefined })).rows).toMatchObject([
    { acknowledged_at: '2025-06-10 00:00:00', note: 'Refunded' },
  ]);
  expect((await recorded()).map((row) => Object.values(row))).toEqual([
    ['dep_open', 'On it', '2025-06-10 00:00:00'],
    ['dep_open', 'Refunded', '2025-06-10 00:01:00'],
    ['dep_open', null, '2025-06-10 00:02:00'],
  ]);
});

test('an issue that is resolved later can be acknowledged until then', async () => {
  // dep_whole is resolved on 6 June at 08:00; its file acknowledges it on the 5th at 08:00.
  expect((await at('2025-06-04T09:00:00Z', { issue_id: 'dep_whole', note: 'Rolling back' })).rows).toMatchObject([
    { status: 'acknowledged', acknowledged_at: '2025-06-04 09:00:00', note: 'Rolling back' },
  ]);
  await expect(at('2025-06-06T08:00:00Z', { issue_id: 'dep_whole' })).rejects.toMatchObject({ kind: 'conflict' });
});
