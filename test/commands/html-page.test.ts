import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseHTML } from 'linkedom';
import { expect, test } from 'vitest';
import { toHtml } from '../../src/render/html-page.ts';
import { scratch, wattduck } from '../support/cli.ts';

const folder = scratch();
const db = join(folder, 'x.duckdb');
const hostile = '</td><script>alert(1)</script><img src=x onerror=alert(1)>';
writeFileSync(
  join(folder, 's.csv'),
  [
    'session_id,station_id,user_id,start_time,end_time,energy_kwh,amount_paid,currency,status,location',
    `a,A,dan,2024-01-01 12:00:00,2024-01-01 13:00:00,4.5,2.25,EUR,completed,${hostile}`,
    'b,"B & ""C""",eve,2024-07-01 12:00:00,2024-07-01 13:00:00,1234.25,100,EUR,completed,\u202Ex',
    '',
  ].join('\n'),
);
expect((await wattduck(['ingest', join(folder, 's.csv'), '--db', db])).status).toBe(0);

const out = join(folder, 'out.html');

/** The page that a report writes, parsed. */
async function page(args: readonly string[], stderr = ''): Promise<{ document: Document; html: string }> {
  expect(await wattduck([...args, '--db', db, '-o', out])).toEqual({ status: 0, stdout: '', stderr });
  const html = readFileSync(out, 'utf8');
  return { document: parseHTML(html).document, html };
}

const texts = (document: Document, selector: string): string[] =>
  [...document.querySelectorAll(selector)].map(({ textContent }) => textContent ?? '');

const sessions = ['report', 'get-sessions', '--tz', 'Europe/Berlin'];

test('title, headings with units and zone, and values for people', async () => {
  const { document } = await page([...sessions, '--columns', 'station_id,start_time,energy_consumed,location']);
  expect([texts(document, 'title'), texts(document, 'h1')]).toEqual([['Sessions'], ['Sessions']]);
  expect(texts(document, 'th')).toEqual([
    'station id',
    'start time (Europe/Berlin)',
    'energy consumed (kWh)',
    'location',
  ]);
  expect(texts(document, 'tbody td')).toEqual([
    'B & "C"',
    '2024-07-01 14:00:00',
    '1,234.3',
    'x',
    'A',
    '2024-01-01 13:00:00',
    '4.5',
    hostile,
  ]);
});

test('text of the data is never markup, and the page loads nothing', async () => {
  const { document, html } = await page(['report', 'energy-trends', '--from', '2024-01-01', '--to', '2024-12-31']);
  const { document: other, html: otherHtml } = await page(sessions);
  for (const each of [document, other]) {
    expect(each.querySelectorAll('script, img, link, iframe, object, embed, base, form, a')).toHaveLength(0);
    expect(each.querySelector('meta[http-equiv]')?.getAttribute('content')).toBe(
      "default-src 'none'; style-src 'unsafe-inline'",
    );
    const attributes = [...each.querySelectorAll('*')].flatMap((element) => [...element.attributes]);
    expect(attributes.filter(({ name }) => /^(on|src$|href$|xlink)/.test(name))).toEqual([]);
  }
  for (const text of [html, otherHtml]) expect(text).not.toMatch(/@import|url\(/);
});

test('a report with a chart has it above the table, with its period', async () => {
  const { document } = await page([
    'report',
    'energy-trends',
    '--from',
    '2024-01-01',
    '--to',
    '2024-12-31',
    '--granularity',
    'month',
    '--tz',
    'Europe/Berlin',
  ]);
  expect(document.querySelectorAll('figure svg')).toHaveLength(1);
  expect(texts(document, 'figcaption')[0]).toContain('Energy in kWh by month');
  expect(texts(document, 'p')).toEqual(['2024-01-01 to 2024-12-31']);
  expect(document.querySelectorAll('tbody tr').length).toBe(7);
});

test('a total is in the foot of the table, and a note on rows left out above it', async () => {
  const note = 'Showing 1 of 2 rows (use --limit for more)';
  const { document } = await page(
    ['report', 'user-usage', '--total', '--limit', '1', '--columns', 'user_id,total_sessions,total_amount_spent'],
    `${note}\n`,
  );
  expect(texts(document, 'tfoot td')).toEqual(['Total', '2', '102.25']);
  expect(texts(document, 'li')).toEqual([note]);
});

test('all rows with --all, none without rows, and a query', async () => {
  const all = await page(['report', 'get-sessions', '--all']);
  expect(all.document.querySelectorAll('tbody tr')).toHaveLength(2);
  const { document } = await page(['sql', 'select \'<b>\' as "<i>" where false']);
  expect([texts(document, 'th'), texts(document, 'tbody td')]).toEqual([['<i>'], []]);
});

test('a forecast has the chart of its days, and the table of its totals', async () => {
  const days = Array.from({ length: 60 }, (_, day) => new Date(Date.UTC(2024, 0, 1 + day)).toISOString().slice(0, 10));
  const rows = days.map(
    (day, at) => `s${at},A,u,${day} 10:00:00,${day} 11:00:00,${5 + (at % 7)},${1 + (at % 7)},EUR,completed`,
  );
  const header = 'session_id,station_id,user_id,start_time,end_time,energy_kwh,amount_paid,currency,status';
  writeFileSync(join(folder, 'days.csv'), [header, ...rows, ''].join('\n'));
  const daily = join(folder, 'days.duckdb');
  expect((await wattduck(['ingest', join(folder, 'days.csv'), '--db', daily])).status).toBe(0);
  const args = ['report', 'revenue-forecasts', '--as-of', '2024-03-01', '--format', 'html', '--db', daily];
  const { document } = parseHTML((await wattduck(args)).stdout);
  expect(texts(document, 'tbody tr > :first-child')).toEqual(['30', '60', '90']);
  expect(document.querySelectorAll('figure svg')).toHaveLength(1);
});

test('light and dark colours, and light ones in print', () => {
  const html = toHtml([{ name: 'a', type: 'VARCHAR' }], [{ a: 'x' }], undefined, {
    title: '<T>',
    context: ['<c>'],
    notes: ['<n>'],
    zone: undefined,
    currency: undefined,
  });
  const { document } = parseHTML(html);
  expect([texts(document, 'h1'), texts(document, 'p'), texts(document, 'li')]).toEqual([['<T>'], ['<c>'], ['<n>']]);
  const style = texts(document, 'style')[0]!;
  expect(style.indexOf('prefers-color-scheme:dark')).toBeGreaterThan(0);
  expect(style.indexOf('--paper:#ffffff', style.indexOf('@media print'))).toBeGreaterThan(0);
});
