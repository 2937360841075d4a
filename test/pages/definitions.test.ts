import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Catalog } from '../../src/catalog/catalog.ts';
import { DuckDb } from '../../src/warehouse/duckdb.ts';
import { catalogError, reportFile, writeFiles } from '../catalog/report-file.ts';
import { scratch } from '../support/cli.ts';
import { openEngine } from '../support/duckdb.ts';

const path = 'pages/fleet.yaml';

/** A page whose tile is on line 4. */
const page = (tile: string, ...others: string[]): Record<string, string> => ({
  [path]: ['title: Fleet', 'path: /fleet', 'tiles:', `  - ${tile}`, 'needs: [charging_sessions]', ...others, ''].join(
    '\n',
  ),
});

const sitePage = (tile: string): Record<string, string> => ({
  [path]: page(tile)[path]!.replace('/fleet', '/fleet/{site}'),
});

describe('accepted', () => {
  test.each([
    ['a tile', page('{ report: revenue_trends }')],
    ['a report with dashes, as on the command line', page('{ report: revenue-trends }')],
    ['a chart by name', page('{ report: revenue_trends, chart: total, title: Revenue, size: wide }')],
    ['a table', page('{ report: revenue_trends, chart: false, columns: [period, revenue], rows: 200 }')],
    ['parameters', page('{ report: issues, params: { status: open }, ignore: [period], acknowledge: true }')],
    ['links', page('{ report: issues, opens: { charge_point_id: station } }')],
    ['a page of one site', sitePage('{ report: revenue_trends, needs: [charging_sessions] }')],
    [
      'a page in the navigation',
      page('{ report: revenue_trends }', 'order: 3', 'menu: My fleet', 'description: Mine.'),
    ],
  ])('%s', async (_, files) => {
    expect(await catalogError(files)).toBe('none');
  });
});

describe('rejected, with the line', () => {
  test.each([
    [
      'an unknown report',
      page('{ report: revenue_trend }'),
      `${path}:4: report "revenue_trend" not found. Did you mean revenue_trends?`,
    ],
    [
      'an unknown chart',
      page('{ report: revenue_trends, chart: totl }'),
      `${path}:4: chart "totl" not found in report revenue-trends. Did you mean total?`,
    ],
    [
      'a chart of a report that has one without a name',
      page('{ report: peak_load, chart: total }'),
      `${path}:4: chart "total" not found in report peak-load. It has one chart without a name: remove the key.`,
    ],
    [
      'a chart of a report without any',
      page('{ report: issues, chart: true }'),
      `${path}:4: report "issues" has no chart. Remove chart: true to show a table.`,
    ],
    [
      'an unknown parameter',
      page('{ report: issues, params: { state: open } }'),
      `${path}:4: parameter "state" not found in this report. Did you mean status?`,
    ],
    [
      'a value that is not accepted',
      page('{ report: issues, params: { status: opened } }'),
      `${path}:4: invalid value "opened" for "tiles.0.params.status". Did you mean open?`,
    ],
    [
      'a number that is not one',
      page('{ report: revenue_trends, params: { limit: many } }'),
      `${path}:4: "tiles.0.params.limit" must be a number, not "many"`,
    ],
    [
      'a required parameter that is not set',
      page('{ report: live_status }'),
      `${path}:4: report "live_status" requires charge_point_id, which the page does not set. Add it under params.`,
    ],
    [
      'a report that cannot be limited to the site of the page',
      sitePage('{ report: station_analytics }'),
      `${path}:4: report "station_analytics" has no parameter with the role site, which the address of the page sets. Its numbers would include everything else. Use another report.`,
    ],
    [
      'a report about tokens',
      page('{ report: usage_today }'),
      `${path}:4: report "usage_today" is about tokens, and cannot be on a page. Use a report with the scope read and without a token.`,
    ],
    [
      'an unknown column',
      page('{ report: issues, columns: [severty] }'),
      `${path}:4: column "severty" not found in this report. Did you mean severity?`,
    ],
    [
      'an unknown size',
      page('{ report: issues, size: big }'),
      `${path}:4: invalid value "big" for "tiles.0.size". Known: figure, third, half, wide.`,
    ],
    [
      'too many rows',
      page('{ report: issues, rows: 201 }'),
      `${path}:4: "tiles.0.rows" must be an integer from 1 to 200, not 201`,
    ],
    [
      'a button for rows that are not issues',
      page('{ report: network_status, acknowledge: true }'),
      `${path}:4: column "issue_id" not found in report network_status. Use the report issues.`,
    ],
    [
      'an unknown key',
      page('{ report: issues, titel: Issues }'),
      `${path}:4: unknown key "tiles.0.titel". Did you mean title?`,
    ],
    ['a tile that is not a map', page('issues'), `${path}:4: "tiles.0" must be key: value pairs, not "issues"`],
    [
      'an unknown source',
      { [path]: 'title: T\npath: /t\nneeds: [sessions]\ntiles: [{ report: issues }]\n' },
      `${path}:3: source "sessions" not found. Known: billing_disputes, charge_point_events`,
    ],
    [
      'an address with capitals',
      { [path]: 'title: T\npath: /Fleet\nneeds: []\ntiles: [{ report: issues }]\n' },
      `${path}:2: "/Fleet" is not an address of a page. Use lower-case words, such as /fleet, or end it with one of these in braces: charge_point, site, customer.`,
    ],
    [
      'an address of the server',
      { [path]: 'title: T\npath: /v0/mine\nneeds: []\ntiles: [{ report: issues }]\n' },
      `${path}:2: address "/v0/mine" is reserved. Use another first word.`,
    ],
    [
      'an address about something else',
      { [path]: 'title: T\npath: /cars/{car}\nneeds: []\ntiles: [{ report: issues }]\n' },
      `${path}:2: a page cannot be about one "car". Known: charge_point, site, customer.`,
    ],
    [
      'the address of another page',
      { [path]: 'title: T\npath: /customers\nneeds: []\ntiles: [{ report: issues }]\n' },
      `${path}:1: HTTP path "/customers" is already used by sql/pages/customers.yaml`,
    ],
    ['no tiles', { [path]: 'title: T\npath: /t\nneeds: []\ntiles: []\n' }, `${path}:4: the page has no tiles.`],
    ['no title', { [path]: 'path: /t\nneeds: []\ntiles: []\n' }, `${path}:1: missing key "title".`],
    [
      'a list',
      { [path]: '- title: T\n' },
      `${path}:1: the file of a page must be key: value pairs. Begin it with title: and path:.`,
    ],
    ['invalid YAML', { [path]: 'title: T\npath: [\n' }, `${path}:3: invalid YAML: `],
    [
      'a page of one site in the navigation',
      { [path]: 'title: T\npath: /t/{site}\norder: 1\nneeds: []\ntiles: [{ report: issues }]\n' },
      `${path}:3: a page with the address /t/{site} cannot be in the navigation. Remove order.`,
    ],
  ])('%s', async (_, files, expected) => {
    const error = await catalogError(files);
    expect(error.slice(0, expected.length)).toBe(expected);
  });
});

test('a page of the user replaces the one of its name, and can show reports of the user', async () => {
  const folder = writeFiles(join(scratch(), 'sql'), {
    'reports/mine/my_sessions.sql': reportFile(),
    'pages/network.yaml': 'title: Mine\npath: /\norder: 1\nneeds: []\ntiles: [{ report: my_sessions }]\n',
  });
  const duckdb = await DuckDb.open();
  const catalog = await Catalog.open(duckdb, [folder]);
  const pages = await catalog.pages();
  expect(pages.map(({ name, title }) => [name, title]).toSorted()).toEqual([
    ['customer', 'Customer'],
    ['customers', 'Customers'],
    ['network', 'Mine'],
    ['site', 'Site'],
    ['station', 'Charge point'],
  ]);
  await duckdb.close();
});

test('the pages of the build are those of the files', async () => {
  const { catalog } = await openEngine();
  const checked = await catalog.checkedDefinitions();
  expect(await catalog.pages()).toEqual(checked.pages);
});
