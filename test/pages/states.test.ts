import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { writeFiles } from '../catalog/report-file.ts';
import { scratch } from '../support/cli.ts';
import { findForbidden, hostile } from '../support/hostile-text.ts';
import { dataSets, startInProcessServer } from '../support/in-process-server.ts';
import { htmlProblems, linksIn, textOf, tileOf } from './html.ts';

const folder = scratch();
const write = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

describe('without data', async () => {
  const { app } = await startInProcessServer();

  test('the page says what to import, and each tile which source is missing', async () => {
    const { statusCode, body } = await app.inject('/?whole=1');
    expect(statusCode).toBe(200);
    expect(textOf(body)).toContain(
      'No charging sessions or charge point events imported yet. Run: wattduck ingest FILE',
    );
    expect(textOf(tileOf(body, 'Revenue'))).toContain('No charging sessions imported. Run: wattduck ingest FILE');
    // No event means no known issue, which is not good news.
    expect(textOf(tileOf(body, 'Open issues'))).toContain('No charge point events or issues imported.');
    expect(body.match(/data-state="empty"/g)).toHaveLength(body.match(/<figure /g)!.length);
    expect(htmlProblems(body)).toEqual([]);
  });

  test('pages without data have no link, but answer', async () => {
    const { body } = await app.inject('/');
    expect(linksIn(body)).not.toContain('/customers');
    expect(textOf(body)).not.toContain('personal values are hidden');
    expect(linksIn(body)).toEqual(expect.arrayContaining(['/', '/reports', '/docs']));
    expect((await app.inject('/customers?whole=1')).statusCode).toBe(200);
  });
});

describe('with data', async () => {
  const sqlDirs = [
    writeFiles(join(scratch(), 'sql'), {
      'pages/mine.yaml': `title: Mine
path: /mine
needs: [charging_sessions]
tiles:
  - { report: energy_trends, title: Backwards, params: { from: "2025-12-31", to: "2025-01-01" } }
  - { report: energy_trends, chart: total, title: Fine }
`,
    }),
  ];
  const { app, context } = await startInProcessServer({ files: dataSets('depot'), tz: 'UTC', redact: true, sqlDirs });
  const get = async (url: string): Promise<string> => (await app.inject(url)).body;

  test('a period without rows says when the data begins and ends', async () => {
    const body = await get('/?from=2030-01-01&to=2030-01-31&whole=1');
    expect(textOf(tileOf(body, 'Charge points by revenue'))).toContain(
      'The period is outside the data: sessions run from 2025-',
    );
  });

  test('an issue is acknowledged in place, or by a form', async () => {
    const issues = async (): Promise<string> => tileOf(await get('/?whole=1'), 'Open issues, newest first');
    const before = await issues();
    const forms = [...before.matchAll(/<form method="post" action="([^"]*)" data-action="([^"]*)">(.*?)<\/form>/g)];
    expect(forms.length).toBeGreaterThan(2);
    const [, action, api, fields] = forms[0]!;
    const payload = new URLSearchParams(
      [...fields!.matchAll(/name="([^"]*)" value="([^"]*)"/g)].map(([, name, value]) => [
        name!,
        value!.replaceAll('&#38;', '&'),
      ]),
    ).toString();
    const headers = {
      'content-type': 'application/x-www-form-urlencoded',
      host: 'localhost',
      origin: 'http://localhost',
    };
    const sent = await app.inject({ method: 'POST', url: action!, headers, payload });
    expect([sent.statusCode, String(sent.headers['location'])]).toEqual([303, expect.stringMatching(/^\/\?.*whole=1/)]);
    expect(await issues()).not.toContain(api);
    const other = forms[1]![2]!;
    expect((await app.inject({ method: 'POST', url: other })).statusCode).toBe(200);
    expect(await issues()).not.toContain(other);
  });

  test.each([
    ['https://evil.example/', '/'],
    ['//evil.example', '/'],
    ['/\\evil.example', '/'],
    ['javascript:alert(1)', '/'],
    // Browsers drop line ends in addresses.
    ['/a\nb', '/ab'],
  ])('the form with the address %j leads to %s', async (address, target) => {
    const [issue] = await context.owner.systemConnection.rows('select issue_id as id from db.main.issues limit 1');
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const payload = new URLSearchParams({ issue_id: String(issue!['id']), return: address }).toString();
    const { statusCode, headers: answered } = await app.inject({
      method: 'POST',
      url: '/tiles/acknowledge',
      headers,
      payload,
    });
    expect([303, 409]).toContain(statusCode);
    if (statusCode === 303) expect(answered['location']).toBe(target);
  });

  test('another site cannot send the form', async () => {
    const headers = { origin: 'https://evil.example', host: 'localhost' };
    expect((await app.inject({ method: 'POST', url: '/tiles/acknowledge', headers })).statusCode).toBe(403);
  });

  test('an error stays in its tile', async () => {
    const { statusCode, body } = await app.inject('/mine?whole=1');
    expect(statusCode).toBe(200);
    expect(tileOf(body, 'Backwards')).toContain('data-state="error"');
    expect(textOf(tileOf(body, 'Backwards'))).toContain('Error from 2025-12-31 is after to 2025-01-01. Swap them.');
    expect(textOf(tileOf(body, 'Fine'))).toContain('kWh');
    expect(htmlProblems(body)).toEqual([]);
  });

  test('hidden values are announced', async () => {
    expect(textOf(await get('/'))).toContain('personal values are hidden');
  });
});

const markup = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '</text></svg><script>alert(1)</script>',
  '&lt;b&gt; & "both\'',
  'a/b?c=d#e%41%',
  '../..',
  'javascript:alert(1)',
];

describe('hostile names', async () => {
  const names = [
    ...markup,
    markup.join(' '),
    ...hostile.filter((text) => text.trim() !== '' && !/\p{Cs}|\0/u.test(text)).slice(0, 12),
  ];
  const quote = (text: string): string => JSON.stringify(text);
  const line = (row: Record<string, unknown>): string => `${JSON.stringify(row)}\n`;
  const sessions = names.map((name, at) =>
    line({
      session_id: `s${at} ${name}`,
      station_id: `cp ${name}`,
      site_id: `site ${name}`,
      user_id: name,
      start_time: `2025-03-${String(1 + (at % 9)).padStart(2, '0')} 10:00:00`,
      end_time: `2025-03-${String(1 + (at % 9)).padStart(2, '0')} 11:00:00`,
      energy_kwh: 10 + at,
      amount_paid: 5 + at,
      currency: 'EUR',
      status: 'completed',
      stop_reason: name,
    }),
  );
  const files = [
    write('sessions.ndjson', sessions.join('')),
    write(
      'sites.ndjson',
      names.map((name) => line({ site_id: `site ${name}`, site_name: name, timezone: 'Europe/Berlin' })).join(''),
    ),
  ];
  const { app } = await startInProcessServer({ files });

  const assertClean = (html: string, what: string): void => {
    expect([what, findForbidden(html)]).toEqual([what, []]);
    expect([what, htmlProblems(html)]).toEqual([what, []]);
    expect(html).not.toMatch(/<script(?![^>]*\ssrc="\/assets\/)/);
    expect(html).not.toMatch(/<img/i);
    expect(html).not.toMatch(/href="\s*javascript:/i);
  };

  test('the network page is clean, and all its links to stations and sites work', async () => {
    const { body } = await app.inject('/?whole=1');
    assertClean(body, 'network');
    const links = linksIn(body).filter((url) => /^\/(sites|stations)\//.test(url));
    expect(links.length).toBeGreaterThan(20);
    for (const url of new Set(links)) {
      const { statusCode, body: page } = await app.inject(url);
      expect([url, statusCode]).toEqual([url, 200]);
      assertClean(page, url);
    }
  });

  test.each([markup.join(' '), 'a/b?c=d#e%41%', '../..'].map((name) => [quote(name), name]))(
    'the pages of %s',
    async (_, name) => {
      for (const [kind, id] of [
        ['sites', `site ${name}`],
        ['stations', `cp ${name}`],
      ]) {
        const { statusCode, body } = await app.inject(`/${kind}/${encodeURIComponent(id!)}?whole=1`);
        expect([kind, statusCode]).toEqual([kind, 200]);
        assertClean(body, id!);
        expect(body).not.toContain('data-state="error"');
      }
    },
  );

  test('the site picker sends the ID as it is', async () => {
    const { body } = await app.inject('/?site=' + encodeURIComponent(`site ${markup[1]!}`));
    assertClean(body, 'picker');
    expect(body).toMatch(/<option value="site &#34;&#62;&#60;img src=x onerror=alert\(1\)&#62;" selected>/);
  });
});
