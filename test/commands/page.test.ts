import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { parseHTML } from 'linkedom';
import { describe, expect, test } from 'vitest';
import { scratch, wattduck } from '../support/cli.ts';
import { markupProblems } from '../support/html.ts';
import { dataSets, startInProcessServer } from '../support/in-process-server.ts';

const now = new Date('2026-01-01T00:00:00Z');
const server = await startInProcessServer({ files: dataSets('depot', 'dozen', 'shop'), now: () => now, tz: 'sites' });
const folder = scratch();
const db = join(folder, 'net.duckdb');
copyFileSync(server.copy, db);
const out = join(folder, 'page.html');

interface Written {
  html: string;
  document: Document;
}

/** The file that a page writes. */
async function write(...args: string[]): Promise<Written> {
  expect(await wattduck(['page', ...args, '--db', db, '-o', out], { now })).toEqual({
    status: 0,
    stdout: '',
    stderr: '',
  });
  const html = readFileSync(out, 'utf8');
  return { html, document: parseHTML(html).document };
}

const texts = (root: Document | Element, selector: string): string[] =>
  [...root.querySelectorAll(selector)].map(({ textContent }) => (textContent ?? '').trim().replaceAll(/\s+/g, ' '));

/** Titles, figures and cells of each tile. */
const numbersOf = (document: Document): unknown[] =>
  [...document.querySelectorAll('.tile')].map((tile) => ({
    title: texts(tile, 'h2'),
    summary: texts(tile, '.hidden'),
    figures: texts(tile, 'data'),
    marks: [...tile.querySelectorAll('[data-tip]')].map((mark) => mark.getAttribute('data-tip')),
    cells: texts(tile, '.content td').filter((text) => text !== 'Acknowledge' && text !== ''),
  }));

const pages = ['network', 'site depot_n', 'station off_1', 'customers', 'customer ann'];
const addresses: Record<string, string> = {
  network: '/?whole=1',
  'site depot_n': '/sites/depot_n?whole=1',
  'station off_1': '/stations/off_1?whole=1',
  customers: '/customers?whole=1',
  'customer ann': '/customers/ann?whole=1',
};

describe('a page as a file', () => {
  test.each(pages)('%s has the numbers of the server', async (name) => {
    const { document } = await write(...name.split(' '));
    const { statusCode, body } = await server.app.inject(addresses[name]!);
    expect(statusCode).toBe(200);
    const served = numbersOf(parseHTML(body).document);
    expect(served.length).toBeGreaterThan(2);
    expect(numbersOf(document)).toEqual(served);
  });

  test.each([...pages, 'report/energy-trends', 'report/revenue-forecasts', 'report/ingests'])(
    '%s is one file that loads nothing',
    async (name) => {
      const { html, document } = await write(...name.split(' '));
      expect(markupProblems(html)).toEqual([]);
      // Nothing leads out of the file, and no form can be sent.
      const targets = [...document.querySelectorAll('[href], [src], [action], [data-src]')].flatMap((element) =>
        ['href', 'src', 'action', 'data-src'].flatMap((attribute) => element.getAttribute(attribute) ?? []),
      );
      expect(targets.filter((url) => !/^(#|data:image\/svg\+xml,)/.test(url))).toEqual([]);
      expect(html).not.toMatch(/url\((?!["']?#)|@import|<form|<iframe/);
      expect(html.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:\/\//);
      const [policy] = [...document.querySelectorAll('meta[http-equiv]')].map((meta) => meta.getAttribute('content'));
      const script = /<script>([\s\S]*?)<\/script>/.exec(html)![1]!;
      const hash = createHash('sha256').update(script).digest('base64');
      expect(policy).toBe(`default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-${hash}'`);
    },
  );

  test('the header line for print has period, zone, point in time and database', async () => {
    const { document } = await write('network', '--from', '2025-01-01', '--to', '2025-06-30', '--tz', 'Europe/Berlin');
    expect(texts(document, '.print-head')).toEqual([
      expect.stringMatching(
        /^wattduck · Network · 2025-01-01 to 2025-06-30 · times in Europe\/Berlin · as of 20\d\d-\d\d-\d\d \d\d:\d\d · database net\.duckdb$/,
      ),
    ]);
  });

  test('a report has its rows, its command and its definitions', async () => {
    const { document } = await write('report/energy-trends', '--granularity', 'month', '--from', '2025-01-01');
    const served = await server.app.inject('/reports/energy_trends?granularity=month&from=2025-01-01');
    const rows = (root: Document): string[] => texts(root, '.rows td');
    expect(rows(document).length).toBeGreaterThan(2);
    expect(rows(document)).toEqual(rows(parseHTML(served.body).document));
    expect(texts(document, 'pre')).toEqual([
      expect.stringMatching(/^wattduck report energy-trends --granularity month --from 2025-01-01 --db .*net\.duckdb$/),
    ]);
    expect(texts(document, 'h2')).toContain('Definitions');
  });
});

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
