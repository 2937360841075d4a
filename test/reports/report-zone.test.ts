import { expect, test } from 'vitest';
import { resolveReportZone } from '../../src/reports/report-zone.ts';
import { openEngine } from '../support/duckdb.ts';

const { duckdb, catalog } = await openEngine();
const report = await catalog.report('energy_trends');
const zoneOf = async (zones: readonly (string | null)[], setting?: string): Promise<string | undefined> => {
  await duckdb.run('delete from sites');
  for (const [at, zone] of zones.entries())
    await duckdb.run(
      `insert into sites (site_id, timezone, last_updated) values ('s${at}', ${zone === null ? 'null' : `'${zone}'`}, '2025-01-01')`,
    );
  return (await resolveReportZone(duckdb, report, {}, setting))?.name;
};

test.each([
  [[], 'UTC'],
  [['Europe/Berlin'], 'Europe/Berlin'],
  [['Europe/Berlin', 'Europe/Berlin'], 'Europe/Berlin'],
  [['Europe/Berlin', 'Europe/Paris'], 'UTC'],
  // A site without a zone says nothing, and one that does not exist breaks no report.
  [['Europe/Berlin', null], 'Europe/Berlin'],
  [['Europe/Berlin', 'Mars/Base'], 'Europe/Berlin'],
  [['Mars/Base'], 'UTC'],
])('sites in %j: %s', async (zones, expected) => expect(await zoneOf(zones)).toBe(expected));

test('a setting comes first', async () => expect(await zoneOf(['Europe/Berlin'], 'Asia/Tokyo')).toBe('Asia/Tokyo'));

test('reports without times have none', async () => {
  const sources = await catalog.report('quarantine_summary');
  expect(await resolveReportZone(duckdb, sources, {}, 'Asia/Tokyo')).toBeUndefined();
});
