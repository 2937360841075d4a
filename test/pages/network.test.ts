import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { scratch } from '../support/cli.ts';
import { startInProcessServer } from '../support/in-process-server.ts';
import { htmlProblems, linksIn, textOf, tileOf } from './html.ts';

/** Three sessions from 1 to 10 March with 60 kWh and 20 EUR, one of them at the other site; one in the ten days before with 40 kWh and 10 EUR. */
const sessions = `session_id,station_id,site_id,start_time,end_time,energy_kwh,amount_paid,currency,status
s1,cp_a,north,2025-02-20 10:00:00,2025-02-20 11:00:00,40,10,EUR,completed
s2,cp_a,north,2025-03-01 10:00:00,2025-03-01 11:00:00,10,4,EUR,completed
s3,cp_a,north,2025-03-05 10:00:00,2025-03-05 11:00:00,20,6,EUR,completed
s4,cp_b,south,2025-03-10 10:00:00,2025-03-10 11:00:00,30,10,EUR,completed
`;
const sites = `site_id,site_name,timezone
north,North Yard,Europe/Berlin
south,South Yard,Europe/Berlin
`;
const points = `charge_point_id,charge_point_name,site_id,vendor,model,power_kw,opened_at
cp_a,Bay A,north,V,M,22,2024-01-01 00:00:00
cp_b,Bay B,south,V,M,50,2024-01-01 00:00:00
`;
const folder = scratch();
const write = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const files = [write('sessions.csv', sessions), write('sites.csv', sites), write('charge_points.csv', points)];
const { app, context } = await startInProcessServer({ files, tz: 'sites' });
const period = 'from=2025-03-01&to=2025-03-10';

const get = async (url: string): Promise<string> => {
  const { body, statusCode } = await app.inject(url);
  expect(statusCode, body).toBe(200);
  return body;
};

describe('numbers', () => {
  test('figures and their changes', async () => {
    const page = await get(`/?${period}&whole=1`);
    expect(textOf(tileOf(page, 'Revenue'))).toContain('20.00 EUR ▲ +100.0 % from 10.00');
    expect(textOf(tileOf(page, 'Energy'))).toContain('60.0 kWh ▲ +50.0 % from 40.0');
    expect(textOf(tileOf(page, 'Sessions'))).toContain('3 ▲ +200.0 % from 1');
    expect(page).toContain('compared with 2025-02-19 to 2025-02-28');
  });

  test('a year ago is 364 days earlier, and has nothing to compare with', async () => {
    const page = await get(`/?${period}&whole=1&compare=year-ago`);
    expect(page).toContain('compared with 2024-03-02 to 2024-03-11');
    expect(textOf(tileOf(page, 'Energy'))).toContain('60.0 kWh from 0.0');
  });

  test('without a comparison, a figure has no change', async () => {
    const page = await get(`/?${period}&whole=1&compare=off`);
    expect(page).not.toContain('compared with');
    expect(textOf(tileOf(page, 'Revenue'))).not.toMatch(/from|▲|earlier/);
  });

  test('one site', async () => {
    for (const url of [`/?${period}&site=north&whole=1`, `/sites/north?${period}&whole=1`]) {
      const page = await get(url);
      // 4 + 6 EUR, and 10 EUR before.
      expect(textOf(tileOf(page, 'Revenue')), url).toContain('10.00 EUR unchanged from 10.00');
      expect(textOf(tileOf(page, 'Sessions')), url).toContain('2 ▲ +100.0 % from 1');
    }
    expect(textOf(await get(`/sites/north?${period}`))).toContain('North Yard');
  });

  test('one charge point', async () => {
    const page = await get(`/stations/cp_b?${period}&whole=1`);
    expect(textOf(page)).toContain('Network › South Yard › Charge point Bay B cp_b');
    expect(textOf(tileOf(page, 'Energy'))).toContain('30.0 kWh');
    expect(textOf(tileOf(page, 'Sessions, newest first'))).toContain(
      's4 2025-03-10 11:00:00 2025-03-10 12:00:00 30.0 10.00 EUR',
    );
  });

  test('tile, table, CSV and JSON have the same numbers', async () => {
    const page = await get(`/?${period}&whole=1`);
    const links = linksIn(tileOf(page, 'Revenue'));
    const link = (part: string): string => links.find((url) => url.includes(part))!;
    const csv = (await get(link('.csv'))).trim().split(/\r?\n/);
    const at = csv[0]!.split(',').indexOf('revenue');
    const sum = (values: readonly unknown[]): number =>
      values.reduce<number>((total, value) => total + Number(value), 0);
    expect(sum(csv.slice(1).map((line) => line.split(',')[at]))).toBe(20);
    const { data } = JSON.parse(await get(link('.json'))) as { data: Record<string, unknown>[] };
    expect([data.length, sum(data.map((row) => row['revenue']))]).toEqual([10, 20]);
    const table = await get(link('/table'));
    expect(table.match(/<tr>/g)).toHaveLength(1 + 10);
    expect(textOf(table)).toContain('2025-03-05 2025-02-23 6.00');
    expect(await get(link('.svg'))).toContain('20.00 EUR');
  });

  test('links of labels lead to the page of a charge point or site with the same period', async () => {
    const page = await get(`/?${period}&whole=1&compare=off`);
    const links = linksIn(tileOf(page, 'Charge points by revenue'));
    expect(links[0]).toBe('/stations/cp_a?from=2025-03-01&to=2025-03-10&compare=off');
    expect(linksIn(tileOf(page, 'Sites by energy'))).toContain(
      '/sites/south?from=2025-03-01&to=2025-03-10&compare=off',
    );
    for (const url of links) expect((await app.inject(url)).statusCode, url).toBe(200);
  });
});

describe('state', () => {
  test('the default period ends with the data, and the page says where it ends', async () => {
    const page = textOf(await get('/'));
    // The first session is on 20 February, less than 90 days before the last one at 11:00 in Berlin.
    expect(page).toContain('2025-02-20 to 2025-03-10');
    expect(page).toContain('times in Europe/Berlin');
    expect(page).toContain('Data ends 2025-03-10 11:00 (Europe/Berlin); shown as of then. Show now');
  });

  test('with data of today, the page shows now', async () => {
    const { app: live } = await startInProcessServer({
      files,
      tz: 'sites',
      now: () => new Date('2025-03-11T09:30:20Z'),
    });
    const { body } = await live.inject('/');
    expect(textOf(body)).not.toContain('Data ends');
    expect(body).toContain('as_of=2025-03-11T09:31:00Z');
  });

  test('"Show now" shows the time of the clock', async () => {
    const page = await get('/?as_of=now');
    expect(textOf(page)).toContain('as of 2026-01-01 01:00');
    expect(textOf(page)).not.toContain('Data ends');
  });

  test('common periods have absolute dates and keep the rest', async () => {
    const links = linksIn(await get('/?site=north&compare=off'));
    expect(links).toEqual(
      expect.arrayContaining([
        '/?from=2025-03-04&to=2025-03-10&site=north&compare=off',
        '/?from=2025-03-01&to=2025-03-10&site=north&compare=off',
        '/?from=2025-02-01&to=2025-02-28&site=north&compare=off',
        '/?from=2025-02-20&to=2025-03-10&site=north&compare=off',
      ]),
    );
  });

  test('a named period', async () => {
    expect(textOf(await get('/?period=2025-02'))).toContain('2025-02-01 to 2025-02-28');
    expect(textOf(await get('/?period=last-month&as_of=2025-03-15'))).toContain('2025-02-01 to 2025-02-28');
  });

  test.each([
    ['/?form=2025-03-01', 'Unknown parameter form', 'Did you mean from?'],
    ['/?from=2025-13-01', 'Invalid value "2025-13-01" for from', 'expected a date or time'],
    ['/?from=2025-03-10&to=2025-03-01', 'From 2025-03-10 is after to 2025-03-01', 'Swap them.'],
    ['/?tz=Europe/Berln', 'Invalid value "Europe/Berln" for tz', 'Did you mean Europe/Berlin?'],
    ['/?compare=last', 'Invalid value "last" for compare', 'previous, year-ago, off'],
    ['/?period=2025-02&from=2025-02-01', 'period', 'from'],
    ['/?period=soon', 'Invalid value "soon" for period', 'last-month'],
    ['/sites/north?site=south', 'Unknown parameter site', ''],
  ])('%s is rejected with the next step', async (url, message, hint) => {
    const { statusCode, headers, body } = await app.inject(url);
    expect([statusCode, headers['content-type']]).toEqual([400, 'text/html; charset=utf-8']);
    expect(textOf(body)).toContain(message);
    expect(textOf(body)).toContain(hint);
    expect(htmlProblems(body)).toEqual([]);
  });

  test.each([
    ['/sites/west', 'Site "west" not found'],
    ['/stations/cp_z', 'Charge point "cp_z" not found'],
    ['/customers/nobody', 'Customer "nobody" not found'],
  ])('%s does not exist', async (url, message) => {
    const { statusCode, body } = await app.inject(url);
    expect([statusCode, textOf(body).includes(message)]).toEqual([404, true]);
  });
});

describe('tiles', () => {
  test('the first response has no tiles, and leads browsers without a script to the whole page', async () => {
    const page = await get(`/?${period}`);
    const count = context.owner.pages.find(({ name }) => name === 'network')!.tiles.length;
    expect(page.match(/data-src="/g)).toHaveLength(count);
    const [, refresh] = /<noscript><meta http-equiv="refresh" content="0; url=([^"]*)"><\/noscript>/.exec(page)!;
    expect(refresh).toContain('whole=1');
    expect(page).not.toMatch(/<script(?![^>]*\ssrc=)/);
    const whole = await get(refresh!.replaceAll('&#38;', '&'));
    expect(whole).not.toContain('data-src=');
    expect(htmlProblems(page)).toEqual([]);
    expect(htmlProblems(whole)).toEqual([]);
  });

  test('each tile alone is the same as in the whole page', async () => {
    const page = await get(`/?${period}`);
    const sources = [...page.matchAll(/data-src="([^"]*)"/g)].map(([, url]) => url!.replaceAll('&#38;', '&'));
    const whole = await get(
      `/?${period}&whole=1&${/as_of=[^&"]*/.exec(sources[0]!)![0]}&tz=Europe/Berlin&compare=previous`,
    );
    for (const url of sources) {
      const tile = await get(url);
      const [, index] = /^<figure [^>]*id="t(\d+)"/.exec(tile)!;
      const strip = (html: string): string => html.replaceAll(/(href|value)="[^"]*"/g, '');
      expect(strip(whole), url).toContain(strip(tile.trim()));
      expect(tile).toContain(`id="t${index}-title"`);
    }
  });

  test('a tile comes from the cache until the next write', async () => {
    const url = '/tiles/network/0?from=2025-03-01&to=2025-03-10&tz=UTC&compare=previous&as_of=2025-03-11T00:00:00Z';
    const first = await app.inject(url);
    const etag = String(first.headers['etag']);
    const { kept } = context.responder.counts;
    const second = await app.inject(url);
    expect([second.body, context.responder.counts.kept]).toEqual([first.body, kept + 1]);
    const known = await app.inject({ url, headers: { 'if-none-match': etag } });
    expect([known.statusCode, known.body]).toEqual([304, '']);
    const version = await app.inject({ method: 'HEAD', url: '/tiles/version' });
    await context.owner.write((duckdb) => duckdb.run('update resolved_issues set type = type where false'));
    const changed = await app.inject({ method: 'HEAD', url: '/tiles/version' });
    expect(changed.headers['etag']).not.toBe(version.headers['etag']);
    expect((await app.inject({ url, headers: { 'if-none-match': etag } })).statusCode).toBe(200);
  });

  test('a tile of now is not cached', async () => {
    const { headers } = await app.inject('/tiles/network/5');
    expect(headers['etag']).toBeUndefined();
  });

  test.each([
    ['/tiles/network/99', 404],
    ['/tiles/network/x', 404],
    ['/tiles/nowhere/0', 404],
    ['/tiles/network/0?form=1', 400],
    ['/tiles/network/0?from=yesterday', 400],
  ])('%s answers %d', async (url, status) => {
    expect((await app.inject(url)).statusCode).toBe(status);
  });
});

test('the network page of the fixtures is small', async () => {
  const { app: fixtures } = await startInProcessServer({ files: ['fixtures'], tz: 'sites' });
  const { body } = await fixtures.inject('/?whole=1');
  expect(htmlProblems(body)).toEqual([]);
  expect(body).not.toContain('data-state="error"');
  expect(body).not.toContain('NaN');
  expect(gzipSync(body).length).toBeLessThan(40_000);
  const sites = linksIn(tileOf(body, 'Status by site')).filter((url) => !url.startsWith('/v0/'));
  expect(sites.map((url) => url.split('?')[0])).toEqual(
    Array.from({ length: 6 }, () => expect.stringMatching(/^\/sites\/site_\d\d$/)),
  );
  for (const url of [
    '/sites/site_03?whole=1',
    '/stations/cp_007?whole=1',
    '/customers?whole=1',
    '/customers/cust-733?whole=1',
  ]) {
    const { statusCode, body: other } = await fixtures.inject(url);
    expect([url, statusCode, htmlProblems(other), /data-state="error"|NaN/.test(other)]).toEqual([url, 200, [], false]);
  }
});
