import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { scratch, wattduck } from '../support/cli.ts';

const now = new Date('2026-01-01T00:00:00Z');
const folder = scratch();
const db = join(folder, 'net.duckdb');
expect((await wattduck(['ingest', 'test/reports/data/depot', '--db', db])).status).toBe(0);

describe('an error', () => {
  const target = join(folder, 'none.html');
  test.each([
    [['network'], 2, 'a page is written to a file. Add -o network.html. To browse pages, run wattduck serve.'],
    [['report/ingests'], 2, 'a page is written to a file. Add -o ingests.html.'],
    [['netwrk', '-o', target], 1, 'page "netwrk" not found. Did you mean network?'],
    [['report/energy-trend', '-o', target], 2, 'energy-trend'],
    [['network', '-o', join(folder, 'x.pdf')], 2, 'x.pdf: a page is an HTML file. Use a name that ends in .html.'],
    [
      ['network', '--from', '2025-13-01', '-o', target],
      2,
      'invalid value "2025-13-01" for --from: expected a date or time',
    ],
    [['network', '--compare', 'x', '-o', target], 2, 'invalid value "x" for --compare'],
    [['network', '--frm', 'x', '-o', target], 2, "unknown option '--frm'"],
    [['site', '-o', target], 2, "missing required argument 'id'"],
    [['site', 'nowhere', '-o', target], 1, 'site "nowhere" not found'],
    [
      ['report/station-analytics', '--json', '-o', target],
      2,
      '--json does not apply to a page. Use it with wattduck report.',
    ],
    [
      ['report/station-analytics', '--limit', 'x', '-o', target],
      2,
      'invalid value "x" for --limit: expected an integer',
    ],
    [['report/station-analytics', '--csv-safe', '-o', target], 2, '--csv-safe does not apply to a page'],
  ])('%j', async (args, status, message) => {
    const result = await wattduck(['page', ...args, '--db', db], { now });
    expect([result.status, result.stdout]).toEqual([status, '']);
    expect(result.stderr).toContain(message);
    expect(existsSync(target)).toBe(false);
  });
});

test('without a name, all pages are listed', async () => {
  const { status, stdout } = await wattduck(['page', '--db', join(folder, 'missing.duckdb')]);
  expect([status, stdout.split('\n').map((line) => line.split('  ')[0])]).toEqual([
    0,
    ['customer ID', 'customers', 'network', 'site ID', 'station ID', 'report/NAME', ''],
  ]);
});
