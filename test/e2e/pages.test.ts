import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { chromium, startChromium, type Page, type View } from '../support/chromium.ts';
import { scratch, wattduck } from '../support/cli.ts';
import { listenOnFreePort, waitUntil } from '../support/http-client.ts';
import { startInProcessServer, type InProcessServer } from '../support/in-process-server.ts';
import { makeToken } from '../support/tokens.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const fixtures = readdirSync('fixtures')
  .filter((name) => /\.(csv|ndjson\.gz)$/.test(name))
  .map((name) => join('fixtures', name));

/** Names that would break markup, addresses or pictures. */
const hostileNames = [
  '<img src=x onerror="window.pwned=1">',
  '"><script>window.pwned=1</script>',
  "'&</text></svg><svg onload=window.pwned=1>",
  'a/b?c=1&d#e%20"é',
  '\u202Eevil\u0007',
];

/** Files of sites, charge points, sessions and customers with hostile names. */
function hostileFiles(): string[] {
  const folder = scratch();
  const quote = (text: string): string => `"${text.replaceAll('"', '""')}"`;
  const write = (name: string, lines: readonly (readonly string[])[]): string => {
    const path = join(folder, name);
    writeFileSync(path, lines.map((cells) => `${cells.map(quote).join(',')}\n`).join(''));
    return path;
  };
  const day = (at: number): string => `2025-12-${String(at + 10)} 10:00:00`;
  return [
    write('sites.csv', [
      ['site_id', 'site_name', 'timezone'],
      ...hostileNames.map((name) => [`s ${name}`, name, 'Europe/Berlin']),
    ]),
    write('charge_points.csv', [
      ['charge_point_id', 'charge_point_name', 'site_id', 'vendor', 'model', 'firmware_version', 'opened_at'],
      ...hostileNames.map((name) => [`p ${name}`, name, `s ${name}`, name, name, name, '2025-01-01']),
    ]),
    write('sessions.csv', [
      [
        'session_id',
        'station_id',
        'user_id',
        'start_time',
        'end_time',
        'energy_kwh',
        'amount_paid',
        'currency',
        'status',
      ],
      ...hostileNames.flatMap((name, at) =>
        Array.from({ length: 10 }, (_, n) => [
          `${at}-${n}`,
          `p ${name}`,
          `u ${name}`,
          day(n),
          day(n).replace('10:', '11:'),
          String(5 + at),
          String(2 + at),
          'EUR',
          'completed',
        ]),
      ),
    ]),
    write('customer_events.csv', [
      ['event_id', 'customer_id', 'event_type', 'event_timestamp', 'product_id', 'category_id', 'price', 'quantity'],
      ...hostileNames.map((name, at) => [`e${at}`, `c ${name}`, 'purchase', day(at), name, name, '10', '1']),
    ]),
    write('charge_point_events.csv', [
      ['event_id', 'charge_point_id', 'event_type', 'event_time', 'connector_id', 'status', 'error_code'],
      ...hostileNames.map((name, at) => [`o${at}`, `p ${name}`, 'status', day(at), '1', 'faulted', name]),
    ]),
  ];
}

/** Whether all tiles of a page are loaded. */
const isLoaded = `document.readyState === 'complete' && location.href !== 'about:blank' && !document.querySelector('[data-src], [aria-busy=true]')`;

/** Problems that axe finds, with the elements. */
const axeProblems = `(async () => {
  const { violations } = await axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] });
  return violations.map(({ id, nodes }) => id + ': ' + nodes.slice(0, 3).map(({ html }) => html.slice(0, 160)).join(' | '));
})()`;

/** Whether a share of the page in percent is that of one of two columns. */
const isHalf = (percent: number): boolean => percent >= 45 && percent <= 50;

/** Title, figures and cells of every tile. */
const numbers = `[...document.querySelectorAll('.tile')].map((tile) => [
  tile.querySelector('h2').textContent,
  ...[...tile.querySelectorAll('data')].map((each) => each.textContent),
  ...[...tile.querySelectorAll('.content > .scroll td')].map((each) => each.textContent.trim()).filter((text) => text !== '' && text !== 'Acknowledge'),
])`;

describe.skipIf(chromium === undefined)('pages in Chromium (skipped where it is not installed)', () => {
  let page: Page;
  let network: InProcessServer & { origin: string };
  let hostile: InProcessServer & { origin: string };

  const start = async (
    options: Parameters<typeof startInProcessServer>[0],
  ): Promise<InProcessServer & { origin: string }> => {
    const server = await startInProcessServer({ tz: 'sites', seconds: 120, ...options });
    return { ...server, origin: `http://127.0.0.1:${await listenOnFreePort(server.app)}` };
  };
  const open = async (url: string, view: View = {}): Promise<void> => {
    await page.emulate(view);
    await page.openUntil('about:blank', `location.href === 'about:blank'`);
    page.requests();
    await page.openUntil(url, isLoaded);
  };
  const evaluate = (expression: string): Promise<unknown> => page.evaluate(expression);
  const text = (selector: string): Promise<unknown> =>
    evaluate(`document.querySelector(${JSON.stringify(selector)})?.textContent ?? ''`);

  beforeAll(async () => {
    [network, hostile, page] = [
      await start({ files: fixtures }),
      await start({ files: hostileFiles() }),
      await startChromium(),
    ];
  });

  const views: [string, View][] = [
    ['light', {}],
    ['dark', { isDark: true }],
    ['500 pixels wide', { width: 500 }],
  ];
  const addresses = [
    '/',
    '/sites/site_03',
    '/stations/cp_005',
    '/customers',
    '/customers/cust-701',
    '/reports',
    '/reports/energy_trends?from=2025-10-01&to=2025-12-31&granularity=week',
    '/reports/revenue_forecasts',
    '/reports/station_analytics?period=2025-Q4&compare=previous',
    '/reports/charging_events',
    '/reports/energy_trends?from=2025-13-01',
    '/nowhere',
  ];

  /** What every page must fulfil. */
  const check = async (origin: string): Promise<void> => {
    await evaluate(axe);
    expect(await evaluate(axeProblems)).toEqual([]);
    expect(
      await evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth'),
    ).toBeLessThanOrEqual(0);
    expect(page.requests().filter((url) => !url.startsWith(origin))).toEqual([]);
  };

  describe.each(views)('%s', (_, view) => {
    test.each(addresses)(
      '%s is accessible, as wide as the window, and requests nothing from other hosts',
      async (path) => {
        await open(network.origin + path, view);
        expect(await text('h1')).not.toBe('');
        await check(network.origin);
      },
    );
  });

  test('without scripts, pages have the same numbers', async () => {
    await open(`${network.origin}/`);
    const loaded = (await evaluate(numbers)) as unknown[];
    expect(loaded.length).toBeGreaterThan(10);
    await open(`${network.origin}/`, { hasScripts: false });
    await waitUntil(async () => (await evaluate('location.search')) !== '');
    await page.openUntil(String(await evaluate('location.href')), isLoaded);
    expect(await evaluate(numbers)).toEqual(loaded);
    // Tables and pickers are links and forms.
    const table = String(await evaluate(`document.querySelector('a.table').href`));
    await page.openUntil(table, isLoaded);
    expect(await evaluate(`document.querySelectorAll('td').length > 0`)).toBe(true);
    await page.openUntil(`${network.origin}/reports/energy_trends`, isLoaded);
    await evaluate(`document.querySelector('[name=granularity]').value = 'month'; document.forms[0].submit()`).catch(
      () => undefined,
    );
    await waitUntil(async () =>
      String(await evaluate('location.href').catch(() => '')).endsWith('/reports/energy_trends?granularity=month'),
    );
  });

  test('the keyboard reaches everything, and steps through a chart', async () => {
    await open(`${network.origin}/`);
    await page.press('Tab');
    expect(await evaluate('document.activeElement.className')).toBe('skip');
    await page.press('Enter');
    expect(await evaluate('location.hash')).toBe('#main');
    // In the order of the page: no element jumps ahead of one before it.
    const positions: number[] = [];
    for (let count = 0; count < 40; count += 1) {
      await page.press('Tab');
      positions.push(
        Number(
          await evaluate(
            `[...document.querySelectorAll('a, button, input, select, summary, [tabindex="0"]')].indexOf(document.activeElement)`,
          ),
        ),
      );
    }
    expect(positions).toEqual(positions.toSorted((a, b) => a - b));
    expect(new Set(positions).size).toBeGreaterThan(30);

    await evaluate(`document.querySelector('.tile .picture').focus()`);
    const marks = (await evaluate(
      `[...document.querySelector('.tile .picture').querySelectorAll('[data-tip]')].map((mark) => mark.dataset.tip)`,
    )) as string[];
    const told: unknown[] = [];
    for (const key of ['ArrowRight', 'ArrowRight', 'ArrowLeft', 'End', 'Home']) {
      await page.press(key);
      told.push(await text('#live'));
    }
    expect(told).toEqual([marks[0], marks[1], marks[0], marks.at(-1), marks[0]]);
    await evaluate(axe);
    expect(await evaluate(axeProblems)).toEqual([]);
  });

  test('the button Table shows the rows of a chart in place', async () => {
    await open(`${network.origin}/`);
    const button = `[...document.querySelectorAll('.tile.wide footer button')].find((each) => each.textContent === 'Table')`;
    await evaluate(`${button}.focus()`);
    await page.press('Enter');
    await waitUntil(
      async () => (await evaluate(`${button}.closest('.tile').querySelectorAll('.table-box td').length > 20`)) === true,
    );
    expect(await evaluate(`${button}.getAttribute('aria-expanded')`)).toBe('true');
    await evaluate(axe);
    expect(await evaluate(axeProblems)).toEqual([]);
  });

  test('an issue is acknowledged in place', async () => {
    const acknowledged = async (): Promise<number> => {
      const [row] = await network.context.owner.systemConnection.rows(
        'select count(*)::integer as n from issue_acknowledgements',
      );
      return Number(row!['n']);
    };
    const before = await acknowledged();
    await open(`${network.origin}/`);
    const buttons = `document.querySelectorAll('button.acknowledge')`;
    const first = `${buttons}[0].closest('tr').innerText`;
    const issue = String(await evaluate(first));
    await evaluate(`${buttons}[0].click()`);
    await waitUntil(
      async () =>
        (await evaluate(`${isLoaded} && ${buttons}.length > 0 && ${first} !== ${JSON.stringify(issue)}`)) === true,
    );
    expect(await acknowledged()).toBe(before + 1);
  });

  test('a comparison changes the figures of the earlier period alone', async () => {
    const at = async (compare: string): Promise<{ values: unknown; deltas: unknown }> => {
      await open(`${network.origin}/?from=2025-10-01&to=2025-12-31&compare=${compare}`);
      return {
        values: await evaluate(`[...document.querySelectorAll('.tile.figure data')].map((each) => each.value)`),
        deltas: await evaluate(`[...document.querySelectorAll('.tile.figure .delta')].map((each) => each.innerText)`),
      };
    };
    const [off, previous, yearAgo] = [await at('off'), await at('previous'), await at('year-ago')];
    expect(off.deltas).toEqual([]);
    expect(previous.values).toEqual(off.values);
    expect(yearAgo.values).toEqual(off.values);
    expect(previous.deltas).not.toEqual([]);
    expect(previous.deltas).not.toEqual(yearAgo.deltas);
    expect(String(previous.deltas)).toMatch(/[▲▼] [+−][\d.,]+ % from /);
  });

  test('a period inside the hour that happens twice covers both', async () => {
    const folder = scratch();
    const path = join(folder, 'night.csv');
    // In Berlin, 00:30 to 01:00 UTC is the first 02:30, and 01:30 the second.
    const starts = ['00:29', '00:35', '00:50', '01:35', '01:50'];
    writeFileSync(
      path,
      [
        'session_id,station_id,user_id,start_time,end_time,energy_kwh,amount_paid,currency,status',
        ...starts.map((time, at) => `n${at},A,u,2025-10-26T${time}:00Z,2025-10-26T03:00:00Z,1,1,EUR,completed`),
        '',
      ].join('\n'),
    );
    const night = await start({ files: [path] });
    await open(`${night.origin}/?from=2025-10-26T02:30&to=2025-10-26T02:45&tz=Europe/Berlin&compare=off`);
    const sessions = `[...document.querySelectorAll('.tile.figure')].find((tile) => tile.querySelector('h2').textContent === 'Sessions').querySelector('data').value`;
    expect(await evaluate(sessions)).toBe('3');
    expect(await evaluate(`document.querySelectorAll('[data-state=error], .note.error').length`)).toBe(0);
    await open(`${night.origin}/reports/get_sessions?from=2025-10-26T02:30&to=2025-10-26T02:45&tz=Europe/Berlin`);
    expect(await evaluate(`document.querySelectorAll('.rows tbody tr').length`)).toBe(3);
    await check(night.origin);
  });

  describe('hostile names', () => {
    const pages = [
      '/',
      ...hostileNames.flatMap((name) => [
        `/sites/${encodeURIComponent(`s ${name}`)}`,
        `/stations/${encodeURIComponent(`p ${name}`)}`,
        `/customers/${encodeURIComponent(`c ${name}`)}`,
        `/reports/get_sessions?station_id=${encodeURIComponent(`p ${name}`)}`,
      ]),
      '/customers',
      '/reports/station_analytics',
      `/reports/energy_trends?granularity=${encodeURIComponent(hostileNames[0]!)}`,
      `/nowhere/${encodeURIComponent(hostileNames[1]!)}`,
    ];
    test.each(pages)('%s runs no code', async (path) => {
      await open(hostile.origin + path);
      expect(await evaluate('typeof window.pwned')).toBe('undefined');
      expect(await evaluate(`document.querySelectorAll('main img, main script, [onload], [onerror]').length`)).toBe(0);
      await check(hostile.origin);
    });

    test('a label leads to the page of the thing', async () => {
      await open(`${hostile.origin}/`);
      const links = (await evaluate(
        `[...document.querySelectorAll('main a')].map((link) => link.href).filter((url) => /\\/(sites|stations)\\//.test(url))`,
      )) as string[];
      expect(links.length).toBeGreaterThan(hostileNames.length);
      for (const url of new Set(links)) {
        const { statusCode } = await hostile.app.inject(url.slice(hostile.origin.length));
        expect([url, statusCode]).toEqual([url, 200]);
      }
    });
  });

  test('a login leads back to the page, and no script sees the session', async () => {
    const guarded = await start({ files: ['test/reports/data/depot/sites.csv'] });
    const token = await makeToken(guarded, 'reader');
    const shown = `document.readyState === 'complete' && location.pathname === '/login'`;
    await page.emulate({});
    page.requests();
    await page.openUntil(`${guarded.origin}/reports/ingests?limit=5`, shown);
    await check(guarded.origin);
    const send = async (value: string): Promise<void> => {
      await evaluate(`document.querySelector('[name=token]').value = ${JSON.stringify(value)}`);
      await evaluate(`document.querySelector('main button').click()`);
    };
    await send('wd_wrong');
    await waitUntil(async () =>
      String(await text('[role=alert]').catch(() => '')).includes('unknown or revoked token'),
    );
    await evaluate(axe);
    expect(await evaluate(axeProblems)).toEqual([]);
    await send(token);
    await waitUntil(async () => (await evaluate('location.pathname').catch(() => '')) === '/reports/ingests');
    await waitUntil(async () => (await evaluate(isLoaded)) === true);
    expect(await evaluate('[location.search, document.cookie]')).toEqual(['?limit=5', '']);
    // A link in an e-mail: another site leads to the page.
    await page.openUntil(`http://localhost:${new URL(hostile.origin).port}/reports`, isLoaded);
    await evaluate(`location.href = ${JSON.stringify(`${guarded.origin}/reports/ingests`)}`).catch(() => undefined);
    await waitUntil(
      async () =>
        (await text('h1').catch(() => '')) === 'Imported files' || (await evaluate(shown).catch(() => false)) === true,
    );
    expect(await evaluate('location.pathname')).toBe('/reports/ingests');
    await evaluate(`document.querySelector('.account button').click()`);
    await waitUntil(async () => (await evaluate(shown).catch(() => false)) === true);
    await page.openUntil(`${guarded.origin}/reports`, shown);
    // A token in the address leaves it at once.
    await page.openUntil(`${guarded.origin}/reports?token=${token}`, `${isLoaded} && location.pathname === '/reports'`);
    expect(await evaluate('location.href')).toBe(`${guarded.origin}/reports`);
  });

  describe('a page as a file', () => {
    const file = join(scratch(), 'july.html');
    const write = async (...args: string[]): Promise<void> => {
      const { status, stderr } = await wattduck(['page', ...args, '--db', network.copy, '-o', file], {
        now: new Date('2026-01-01T00:00:00Z'),
      });
      expect([status, stderr]).toEqual([0, '']);
    };

    test('opened from the disk, it shows the numbers of the server', async () => {
      const period = '?from=2025-07-01&to=2025-07-31';
      await write('network', '--from', '2025-07-01', '--to', '2025-07-31');
      // The server has another acknowledged issue by now.
      const { body } = await (await start({ files: fixtures })).app.inject(`/${period}&whole=1`);
      const url = pathToFileURL(file).href;
      for (const [, view] of views) {
        await open(url, view);
        await check(url);
      }
      const shown = await evaluate(numbers);
      await evaluate(`document.documentElement.innerHTML = ${JSON.stringify(body)}`);
      expect(shown).toEqual(await evaluate(numbers));
    });

    test('its charts have keys, and it prints light in two columns', async () => {
      await write('network');
      await open(pathToFileURL(file).href, { isDark: true });
      await evaluate(`document.querySelector('.tile .picture').focus()`);
      await page.press('ArrowRight');
      expect(await text('#live')).not.toBe('');
      await page.emulate({ isDark: true, isPrint: true });
      expect(
        await evaluate(`({
          paper: getComputedStyle(document.body).backgroundColor,
          ink: getComputedStyle(document.body).color,
          line: getComputedStyle(document.querySelector('.print-head')).display,
          columns: [...document.querySelectorAll('.tile.half')].slice(0, 2).map((tile) => Math.round(100 * tile.offsetWidth / document.querySelector('.tiles').offsetWidth)),
          breaks: getComputedStyle(document.querySelector('.tile.half')).breakInside,
          header: getComputedStyle(document.querySelector('.top')).display,
        })`),
      ).toEqual({
        paper: 'rgb(255, 255, 255)',
        ink: 'rgb(28, 36, 48)',
        line: 'block',
        columns: [expect.toSatisfy(isHalf), expect.toSatisfy(isHalf)],
        breaks: 'avoid',
        header: 'none',
      });
    });
  });
});
