import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { packageVersion } from '../../src/paths.ts';
import { scratch, wattduck } from '../support/cli.ts';

const db = join(scratch(), 'guess.duckdb');
const file = 'test/reports/data/dozen/dozen.csv';

beforeAll(async () => {
  expect((await wattduck(['import', file, '--db', db])).status).toBe(0);
});

describe('other words for commands', () => {
  test.each([
    [
      ['load', file, '--force', '--db', db],
      ['ingest', file, '--force', '--db', db],
    ],
    [
      ['query', 'select 1 as one', '--db', db],
      ['sql', 'select 1 as one', '--db', db],
    ],
    [['list'], ['report']],
    [
      ['list', 'revenue'],
      ['report', 'revenue'],
    ],
    [['version'], ['--version']],
    [
      ['help', 'import'],
      ['help', 'ingest'],
    ],
    [['help', 'help'], ['help']],
    [
      ['help', 'revenue-summary'],
      ['report', 'revenue-summary', '--help'],
    ],
    [
      ['help', 'revenue_summary'],
      ['report', 'revenue-summary', '--help'],
    ],
    [
      ['help', 'report', 'energy-trends'],
      ['report', 'energy-trends', '--help'],
    ],
  ])('%j is %j', async (words, command) => {
    const withoutSeconds = ({ stdout, ...rest }: Awaited<ReturnType<typeof wattduck>>) => ({
      ...rest,
      stdout: stdout.replace(/\d\.\d s/, ''),
    });
    expect(withoutSeconds(await wattduck(words))).toEqual(withoutSeconds(await wattduck(command)));
  });

  test('the version is that of the package', async () => {
    expect(await wattduck(['version'])).toEqual({ status: 0, stdout: `${packageVersion}\n`, stderr: '' });
  });

  test.each([
    [
      ['status'],
      'unknown command "status". Use `wattduck report status-overview SITE`, or `wattduck report network-status` for all sites.',
    ],
    [['revenue-summary'], 'unknown command "revenue-summary". Use `wattduck report revenue-summary`.'],
    [['help', 'serv'], 'unknown command "serv". Did you mean serve?'],
    [['help', 'qqqqqqq'], 'unknown command "qqqqqqq". List the commands with `wattduck --help`.'],
    [['repot'], "unknown command 'repot' (Did you mean report?)"],
    [['constructor'], "unknown command 'constructor'"],
  ])('%j is an error with the next step', async (args, message) => {
    expect(await wattduck(args)).toEqual({ status: 2, stdout: '', stderr: `error: ${message}\n` });
  });
});

describe('missing parameters', () => {
  const bounds = 'Set both --from and --to, or --period.';

  test.each([
    // IDs come from the sessions: the database has no other tables.
    [['live-status'], '--charge-point-id is required. Charge point IDs: A, B, C, D.'],
    [['charging-events'], `--site-id, --from and --to are required. ${bounds} Site IDs: north, south.`],
    [['charging-events', 'lobby'], `--from and --to are required. ${bounds}`],
    [['charging-events', 'lobby', '--from', '2025-01-01'], `--to is required. ${bounds}`],
    [['charging-events', '--period', '2025'], '--site-id is required. Site IDs: north, south.'],
    [['segment-customers'], '--segment-name is required'],
  ])('%j', async (args, message) => {
    expect(await wattduck(['report', ...args, '--db', db])).toEqual({
      status: 2,
      stdout: '',
      stderr: `error: ${message}\n`,
    });
  });

  test('are shown with at most five existing values', async () => {
    const shop = join(scratch(), 'shop.duckdb');
    expect(
      (await wattduck(['ingest', 'fixtures/sites.csv', 'fixtures/customer_segments.csv', '--db', shop])).status,
    ).toBe(0);
    expect((await wattduck(['report', 'charging-events', '--period', '2025', '--db', shop])).stderr).toBe(
      'error: --site-id is required. Site IDs: site_01, site_02, site_03, site_04, site_05 …\n',
    );
    expect((await wattduck(['report', 'segment-customers', '--db', shop])).stderr).toBe(
      'error: --segment-name is required. Segments: Big Baskets, High Value Active, New Customers, Regulars, Window Shoppers.\n',
    );
  });
});

test('the first required parameter needs no name', async () => {
  const options = ['--db', db];
  for (const [report, name] of [
    ['segment-customers', 'segment-name'],
    ['customer-activity', 'customer-id'],
    ['issue', 'issue-id'],
  ] as const)
    expect(await wattduck(['report', report, 'Big Baskets', ...options])).toEqual(
      await wattduck(['report', report, `--${name}`, 'Big Baskets', ...options]),
    );
});

test('help lists the options of the report before those of every report', async () => {
  const { stdout } = await wattduck(['report', 'user-usage', '--help']);
  const headings = stdout.split('\n').filter((line) => /^[A-Z][a-z ]+:$/.test(line));
  expect(headings).toEqual(['Options:', 'Output options:', 'Common options:', 'Details:', 'Columns:', 'Examples:']);
  expect(stdout.indexOf('--user-id')).toBeLessThan(stdout.indexOf('--format'));
  const ingest = (await wattduck(['ingest', '--help'])).stdout;
  expect(ingest.indexOf('--strict')).toBeLessThan(ingest.indexOf('Common options:'));
});
