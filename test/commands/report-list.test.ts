import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { frontMatter, frontMatterWith, reportFile, statement, writeFiles } from '../catalog/report-file.ts';
import { scratch, wattduck } from '../support/cli.ts';

/** Command-line names of the built-in reports whose file has a line. */
const reportsWith = (line: string): string[] =>
  readdirSync('sql/reports', { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.sql') && readFileSync(join('sql/reports', path), 'utf8').includes(line))
    .map((path) => basename(path, '.sql').replaceAll('_', '-'))
    .toSorted();

/** Names in the printed list, in its order. */
const namesIn = (stdout: string): string[] =>
  stdout
    .split('\n')
    .filter((line) => /^ {2}\S/.test(line))
    .map((line) => line.trim().split(' ')[0]!);

describe('the list', () => {
  test('has the ten most useful reports first, and all others but the helpers by group', async () => {
    const { status, stdout, stderr } = await wattduck(['report']);
    const sections = stdout.split('\n\n');
    const helpers = reportsWith('\nlisting: helper\n');
    expect(status).toBe(0);
    expect(sections[0]!.split('\n')[0]).toBe('Most useful');
    expect(namesIn(sections[0]!).toSorted()).toEqual(reportsWith('\nlisting: top\n'));
    expect(namesIn(sections[0]!)).toHaveLength(10);
    expect(namesIn(stdout).toSorted()).toEqual(reportsWith('\ntitle:').filter((name) => !helpers.includes(name)));
    expect(sections.slice(1).map((section) => section.split('\n')[0])).toEqual([
      'Charging',
      'Customers',
      'Energy',
      'Health',
      'Issues',
      'Operations',
      'Revenue',
      'Status',
      'Usage',
    ]);
    expect(stderr).toBe(`${helpers.length} helper reports hidden (use --all)\n`);
  });

  test('has every report with --all', async () => {
    const { stdout, stderr } = await wattduck(['report', '--all']);
    expect(namesIn(stdout).toSorted()).toEqual(reportsWith('\ntitle:'));
    expect(stderr).toBe('');
  });

  test('has lines of at most 60 characters, none of them cut', async () => {
    const { stdout } = await wattduck(['report', '--all']);
    for (const line of stdout.split('\n')) {
      expect([...line].length, line).toBeLessThanOrEqual(60);
      expect(line).not.toContain('…');
    }
  });

  test('is printed as rows in other formats', async () => {
    const rows = JSON.parse((await wattduck(['report', '--all', '--json'])).stdout) as Record<string, string>[];
    expect(rows).toHaveLength(reportsWith('\ntitle:').length);
    expect(rows.find(({ report }) => report === 'tokens')).toEqual({
      group: 'system',
      report: 'tokens',
      what: 'API tokens with their scopes, limits and usage',
    });
  });
});

describe('a word that is not a report', () => {
  test('lists the reports about it, those with it in their name first', async () => {
    const { status, stdout, stderr } = await wattduck(['report', 'revenue']);
    expect(status).toBe(0);
    expect(stdout.split('\n')[0]).toBe('  revenue-by-charge-point  Where revenue comes from');
    expect(namesIn(stdout)).toEqual([
      'revenue-by-charge-point',
      'revenue-by-project',
      'revenue-by-tariff',
      'revenue-forecasts',
      'revenue-summary',
      'revenue-trends',
      'station-analytics',
      'segment-metrics',
    ]);
    expect(stderr).toBe('"revenue" is not a report: showing 8 reports about it\n2 helper reports hidden (use --all)\n');
  });

  test.each([
    ['the start of a word', ['utilis'], ['utilisation-by-hour', 'utilisation-by-weekday']],
    ['two words', ['forecasts energy'], ['energy-forecasts']],
    [
      'two words, with helpers',
      ['forecast_models', '--all'],
      ['energy-forecast-models', 'session-forecast-models', 'revenue-forecast-models'],
    ],
    ['helpers alone', ['quarantine'], ['quarantine-rows', 'quarantine-summary']],
    [
      'a group, with a common option',
      ['operations', '--wait', '1'],
      ['failed-sessions', 'peak-load', 'session-forecasts', 'utilisation-by-hour', 'utilisation-by-weekday'],
    ],
  ])('%s', async (_, args, names) => {
    expect(namesIn((await wattduck(['report', ...args])).stdout).toSorted()).toEqual(names.toSorted());
  });

  test.each([
    [['statoin'], 'report "statoin" not found. Did you mean station-analytics, heartbeat-status or live-status?'],
    [
      ['utilization'],
      'report "utilization" not found. Did you mean utilisation-by-hour, utilisation-by-weekday or station-analytics?',
    ],
    [['energy-trend'], 'report "energy-trend" not found. Did you mean energy-trends, revenue-trends or usage-trends?'],
    // A report that is run by a script is never replaced by a list.
    [
      ['revenue', '--limit', '3'],
      'report "revenue" not found. Did you mean revenue-by-charge-point, revenue-by-project or revenue-by-tariff?',
    ],
    [
      ['revenue', '-o', 'x.csv'],
      'report "revenue" not found. Did you mean revenue-by-charge-point, revenue-by-project or revenue-by-tariff?',
    ],
  ])('%j is an error with the three nearest', async (args, message) => {
    expect(await wattduck(['report', ...args])).toEqual({ status: 2, stdout: '', stderr: `error: ${message}\n` });
  });
});

describe("a user's own reports", () => {
  const folder = scratch();
  const list = async (lines: string[], ...args: string[]) => {
    writeFiles(folder, { 'reports/mine/probe.sql': reportFile(lines, statement) });
    return wattduck(['report', '--sql-dir', folder, ...args]);
  };

  test('are listed with their title, cut at a word, without a summary', async () => {
    const { stdout } = await list(
      frontMatterWith('title: Sessions by station', `title: ${'Sessions by station '.repeat(3)}`),
    );
    expect(stdout).toContain('\n\nMine\n  probe                    Sessions by station Sessions by…\n');
  });

  test('may be among the most useful, or be helpers', async () => {
    const top = await list([...frontMatter, 'summary: Mine first', 'listing: top']);
    expect(top.stdout.split('\n\n')[0]).toContain('\n  probe                    Mine first');
    expect((await list([...frontMatter, 'listing: helper'])).stdout).not.toContain('probe');
    expect((await list([...frontMatter, 'listing: helper'], '--all')).stdout).toContain('probe');
  });

  test('with another listing are an error', async () => {
    const { status, stderr } = await list([...frontMatter, 'listing: tpo']);
    expect([status, stderr]).toEqual([
      1,
      `error: ${folder}/reports/mine/probe.sql:13: invalid value "tpo" for "listing". Did you mean top?\n`,
    ]);
  });
});
