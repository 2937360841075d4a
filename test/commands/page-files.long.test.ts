import { copyFileSync, readFileSync } from 'node:fs';
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

const written = new Map<string, Promise<Written>>();

/** The file that a page writes; each is written once. */
function write(...args: string[]): Promise<Written> {
  const key = args.join(' ');
  const result = written.get(key) ?? writePage(args);
  written.set(key, result);
  return result;
}

async function writePage(args: readonly string[]): Promise<Written> {
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
    expect(served.length).toBeGreaterThan(1);
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
