import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { wattduckInUtc } from '../../support/cli.ts';
import { markupProblems, tableRows, unescapeHtml } from '../../support/html.ts';
import { dataSets, startInProcessServer } from '../../support/in-process-server.ts';
import { writeReports } from '../../support/report-files.ts';
import { makeToken, withToken } from '../../support/tokens.ts';

const now = new Date('2026-01-01T00:00:00Z');
const server = await startInProcessServer({ files: dataSets('depot', 'dozen', 'shop'), now: () => now });
const { app, context } = server;
const browser = { accept: 'text/html', host: 'localhost:8787' };

const open = (url: string) => app.inject({ url, headers: browser });
const commandsIn = (html: string): string[] =>
  [...html.matchAll(/<pre><code>(.*?)<\/code><\/pre>/gs)].map(([, text]) => unescapeHtml(text!));

/** The part of a page with the rows of its report. */
const rowsIn = (html: string): string => html.slice(html.indexOf('id="rows"'), html.indexOf('class="small files"'));

/** Address of the CSV of the rows. */
const csvLink = (html: string): string => unescapeHtml(/href="(\/v0\/pipes\/[^"]*\.csv[^"]*)"/.exec(html)![1]!);

/** Words of a command line, as a POSIX shell reads them. */
const shellWords = (line: string): string[] =>
  execFileSync('sh', ['-c', `for word in ${line}; do printf '%s\\0' "$word"; done`])
    .toString()
    .split('\0')
    .slice(0, -1);

describe('the form', () => {
  test('has an input for each parameter, with its value', async () => {
    const { body } = await open(
      '/reports/energy_trends?start_date=2025-01-01&to=2025-03-31T12:00:00Z&granularity=week&tz=Europe/Berlin',
    );
    expect(body).toMatch(/<input id="p-from" name="from" title="[^"]*" type="date"[^>]* value="2025-01-01">/);
    expect(body).toMatch(/<input id="p-to" name="to" title="[^"]*" type="text" [^>]*value="2025-03-31T12:00:00Z">/);
    expect(body).toContain('<option value="week" selected>week</option>');
    expect(body).toContain('<option value="">day (default)</option>');
    expect(body).toMatch(/<input id="p-tz" name="tz" [^>]*value="Europe\/Berlin">/);
    expect(body).toContain('<datalist id="p-project_id-values"><option value="depot_n"></option>');
  });

  test('shows the numbers, choices and limits that a report accepts', async () => {
    const { body } = await open('/reports/station_analytics?limit=5');
    expect(body).toMatch(
      /<input id="p-limit" name="limit" [^>]*type="number" step="1" min="1" max="\d+" [^>]*value="5">/,
    );
    expect(body).toContain('<option value="">-total_revenue (default)</option>');
    expect(body).toContain('<option value="">false (default)</option><option value="true">true</option>');
  });

  test('a report with required parameters asks for them', async () => {
    const { statusCode, body } = await open('/reports/charging_events');
    expect(statusCode).toBe(200);
    expect(body).toContain('role="status"><p>site_id, from and to are required</p>');
    expect(body).toMatch(/<input id="p-site_id" name="site_id" required/);
    expect(body).not.toContain('aria-invalid="true" ');
  });

  test('empty fields, which forms send, leave the address', async () => {
    const { statusCode, headers } = await open(
      '/reports/energy_trends?from=2025-01-01&to=&granularity=&project_id=a%26b',
    );
    expect([statusCode, headers.location]).toEqual([303, '/reports/energy_trends?from=2025-01-01&project_id=a%26b']);
  });

  test('the name of the command leads to the page', async () => {
    expect((await open('/reports/energy-trends?from=2025-01-01')).headers.location).toBe(
      '/reports/energy_trends?from=2025-01-01',
    );
  });
});

describe('an error', () => {
  test.each([
    ['from=2025-13-01', 'from', 'invalid value "2025-13-01" for from: expected a date or time'],
    ['granularity=hour', 'granularity', 'invalid value "hour" for granularity'],
    ['tz=Nowhere', 'tz', 'invalid value "Nowhere" for tz: expected an IANA time zone'],
    ['from=2025-02-01&to=2025-01-01', 'from', 'from 2025-02-01 is after to 2025-01-01. Swap them.'],
    ['from=2025-02-01&to=2025-01-01', 'to', 'from 2025-02-01 is after to 2025-01-01. Swap them.'],
    ['period=2025&from=2025-01-01', 'period', 'period cannot be combined with from'],
    ['compare=previous', 'compare', 'compare needs a period to compare'],
    ['granularity=<b>', 'granularity', 'invalid value "<b>" for granularity'],
  ])('?%s is at the field %s', async (query, field, message) => {
    const { statusCode, body } = await open(`/reports/energy_trends?${query}`);
    expect(statusCode).toBe(400);
    const problem = new RegExp(`<p class="problem" id="p-${field}-error">(.*?)</p>`).exec(body)?.[1];
    expect(unescapeHtml(problem ?? '')).toContain(message);
    expect(body).toMatch(new RegExp(`id="p-${field}" [^>]*aria-invalid="true" aria-describedby="p-${field}-error"`));
    expect(markupProblems(body)).toEqual([]);
    expect(body).not.toContain('<b>');
    expect(commandsIn(body)).toEqual([]);
  });

  test.each([
    ['/reports/energy_trends?frm=2025-01-01', 400, 'unknown parameter frm. Did you mean from?'],
    ['/reports/energy_trends?from=2025-01-01&from=2025-01-02', 400, 'parameter from is repeated'],
    ['/reports/energy_trend', 404, 'report energy_trend not found'],
    ['/reports/live_status?charge_point_id=nowhere', 404, '"nowhere" not found'],
  ])('%s', async (url, status, message) => {
    const { statusCode, headers, body } = await open(url);
    expect([statusCode, headers['content-type']]).toEqual([status, 'text/html; charset=utf-8']);
    expect(
      unescapeHtml(body.replaceAll(/<[^>]*>/g, ' '))
        .toLowerCase()
        .replaceAll(/\s+/g, ' '),
    ).toContain(message.toLowerCase().replace('. ', ' '));
  });
});

describe('the commands', () => {
  test.each([
    '/reports/station_analytics?from=2025-01-01&sort=-utilisation&limit=3&total=true',
    '/reports/energy_trends?period=2025-06&granularity=week&compare=previous',
    `/reports/get_sessions?station_id=${encodeURIComponent('it\'s $HOME `x` "y" \\ !z')}`,
    '/reports/station_analytics?location=-rf&tz=Europe/Berlin&base_currency=EUR',
    '/reports/charging_events?site_id=depot_n&from=2025-01-01&to=2025-12-31&search_text=%25_%0A%26',
  ])('give the rows of %s', async (url) => {
    const { statusCode, body } = await open(url);
    expect(statusCode).toBe(200);
    const [terminal, http] = commandsIn(body);
    const { body: csv } = await app.inject(csvLink(body));

    const [program, ...args] = shellWords(terminal!);
    expect(program).toBe('wattduck');
    const { status, stdout } = await wattduckInUtc(
      [...args.map((word) => (word === 'served.duckdb' ? server.copy : word)), '--format', 'csv'],
      { now },
    );
    expect([status, stdout]).toEqual([0, csv]);

    const [curl, target] = shellWords(http!);
    expect(curl).toBe('curl');
    const { origin, pathname, search } = new URL(target!);
    expect(origin).toBe('http://localhost:8787');
    expect((await app.inject(pathname.replace(/json$/, 'csv') + search)).body).toBe(csv);
  });

  test('name a token where one is required, but never the token itself', async () => {
    const guarded = await startInProcessServer({ files: dataSets('depot') });
    const token = await makeToken(guarded, 'reader');
    const { body } = await guarded.app.inject({
      url: '/reports/ingests',
      headers: { ...browser, ...withToken(token).headers },
    });
    expect(commandsIn(body)[1]).toBe(
      'curl -H "Authorization: Bearer $WATTDUCK_TOKEN" http://localhost:8787/v0/pipes/ingests.json',
    );
    expect(body).not.toContain(token);
  });
});

/** Rows of a values clause: 0 and up. */
const list = (count: number): string => Array.from({ length: count }, (_, n) => `(${n})`).join(', ');

describe('rows', () => {
  test('are cut to 200, with the number of all and a link to all', async () => {
    const { app: own } = await startInProcessServer({
      sqlDirs: [
        writeReports({
          many: {
            columns: ['n'],
            sql: `select a * 25 + b as n from (values ${list(20)}) as t(a) cross join (values ${list(25)}) as u(b)`,
          },
        }),
      ],
    });
    const { body } = await own.inject({ url: '/reports/many?limit=300', headers: browser });
    expect(body).toContain('First 200 of 500 rows');
    expect(tableRows(rowsIn(body))).toHaveLength(200);
    const short = await own.inject({ url: '/reports/many', headers: browser });
    expect(short.body).toContain('First 10 of 500 rows');
    expect(short.body).toContain('<a href="/v0/pipes/many.csv?limit=500">CSV of all 500 rows</a>');
  });

  test('the admin reports need the scope admin', async () => {
    const guarded = await startInProcessServer({ files: dataSets('depot') });
    const [reader, admin] = [await makeToken(guarded, 'r'), await makeToken(guarded, 'a', { scopes: 'admin' })];
    const name = context.reports.find(({ scope }) => scope === 'admin')?.name;
    if (name === undefined) return;
    const status = async (token: string): Promise<number> =>
      (await guarded.app.inject({ url: `/reports/${name}`, headers: { ...browser, ...withToken(token).headers } }))
        .statusCode;
    expect([await status(reader), await status(admin)]).toEqual([403, 200]);
  });
});
