import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { chromium, startChromium, type Page } from '../support/chromium.ts';
import { listenOnFreePort, waitUntil } from '../support/http-client.ts';
import { dataSets, startInProcessServer, type InProcessServer } from '../support/in-process-server.ts';
import { makeToken } from '../support/tokens.ts';

/** Serves an empty page at every path, as another site. */
async function blankSite(): Promise<number> {
  const site = createServer((_, response) =>
    response.setHeader('content-type', 'text/html').end('<!doctype html><title>another site</title>'),
  );
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  afterAll(() => void site.close());
  return (site.address() as AddressInfo).port;
}

interface Listening extends InProcessServer {
  port: number;
  answered: string[];
}

/** Each request a server answers, as `POST /path 403`. */
function answeredBy({ app }: InProcessServer): string[] {
  const answered: string[] = [];
  app.addHook(
    'onResponse',
    async ({ method, url }, { statusCode }) => void answered.push(`${method} ${url.split('?')[0]} ${statusCode}`),
  );
  return answered;
}

const truncate = '/v0/datasources/sites/truncate';
const erase = '/v0/datasources/sites/delete';
const events = '/v0/events?name=sites';
const acknowledge = '/api/v1/analytics/issues/dep_open/acknowledge';
const sql = '/v0/sql?q=select+1';

/** What a page of another site can send without asking first, and what it asks first; each answers what the page sees of it. */
const attacks = (target: string): string => `(async () => {
  const target = ${JSON.stringify(target)};
  const seen = async (work) => { try { const r = await work(); return r?.type === 'opaque' ? 'opaque' : r instanceof Response ? await r.text() : r; } catch { return 'nothing'; } };
  const post = (path, body, type, options) => seen(() => fetch(target + path, { method: 'POST', mode: 'no-cors', body, headers: type ? { 'content-type': type } : {}, ...options }));
  const element = (name, attributes) => new Promise((resolve) => {
    const made = Object.assign(document.createElement(name), attributes);
    made.onload = () => resolve(name === 'iframe' ? 'nothing' : 'loaded');
    made.onerror = () => resolve('nothing');
    document.body.append(made);
  });
  const form = (path, enctype, sandbox) => new Promise((resolve) => {
    const frame = document.createElement('iframe');
    const html = '<form method=post enctype="' + enctype + '" action="' + target + path + '"><input name=delete_condition value=true></form><script>document.forms[0].submit()</' + 'script>';
    frame.onload = () => resolve('nothing');
    if (sandbox) frame.sandbox = 'allow-scripts allow-forms';
    frame.srcdoc = html;
    document.body.append(frame);
  });
  const socket = (path) => new Promise((resolve) => {
    const opened = new WebSocket(target.replace('http', 'ws') + path);
    opened.onopen = () => resolve('open');
    opened.onerror = () => resolve('nothing');
  });
  return {
    'text to truncate': await post(${JSON.stringify(truncate)}, 'x', 'text/plain'),
    'nothing to truncate': await post(${JSON.stringify(truncate)}),
    'a form to delete': await post(${JSON.stringify(erase)}, 'delete_condition=true', 'application/x-www-form-urlencoded'),
    'rows': await post(${JSON.stringify(events)}, '{"site_id":"evil","site_name":"E"}', 'text/plain'),
    'a file': await post('/v0/datasources?name=sites', 'site_id,site_name\\nevil,E\\n', 'text/plain'),
    'rows without Referer': await post(${JSON.stringify(events)}, '{"site_id":"evil","site_name":"E"}', 'text/plain', { referrerPolicy: 'no-referrer' }),
    'rows with credentials': await post(${JSON.stringify(events)}, '{"site_id":"evil","site_name":"E"}', 'text/plain', { credentials: 'include' }),
    'ten megabytes': await post(${JSON.stringify(events)}, 'x'.repeat(10_000_000), 'text/plain'),
    'an acknowledgement': navigator.sendBeacon(target + ${JSON.stringify(acknowledge)}),
    'a select': await seen(() => fetch(target + ${JSON.stringify(sql)}, { mode: 'no-cors' })),
    'a select to read': await seen(() => fetch(target + ${JSON.stringify(sql)})),
    'JSON': await seen(() => fetch(target + ${JSON.stringify(events)}, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } })),
    'a DELETE': await seen(() => fetch(target + '/v0/datasources/sites', { method: 'DELETE' })),
    'an image': await element('img', { src: target + ${JSON.stringify(sql)} }),
    'a script': await element('script', { src: target + '/docs/init.js' }),
    'a style': await element('link', { rel: 'stylesheet', href: target + '/docs/swagger-ui.css' }),
    'a frame': await element('iframe', { src: target + '/' }),
    'a form in a frame': await form('/v0/datasources/connectors/truncate', 'text/plain', false),
    'a form in a sandboxed frame': await form('/v0/datasources/tariffs/delete', 'application/x-www-form-urlencoded', true),
    'a socket': await socket('/v0/events'),
    'a stream': await new Promise((resolve) => { const source = new EventSource(target + '/metrics'); source.onopen = () => resolve('open'); source.onerror = () => { source.close(); resolve('nothing'); }; }),
  };
})()`;

describe.skipIf(chromium === undefined)('in Chromium (skipped where it is not installed)', () => {
  let page: Page;
  let attacked: Listening;
  let shared: Listening;
  let another: number;

  const start = async (cors: readonly string[]): Promise<Listening> => {
    const server = await startInProcessServer({ files: dataSets('depot'), cors });
    const answered = answeredBy(server);
    return { ...server, answered, port: await listenOnFreePort(server.app) };
  };
  beforeAll(async () => {
    another = await blankSite();
    [attacked, shared, page] = [await start([]), await start([`http://localhost:${another}`]), await startChromium()];
  });
  beforeEach(() => void attacked.answered.splice(0));

  /** What the attacks would change. */
  const state = async (): Promise<unknown> => {
    const { owner } = attacked.context;
    const [counts] = await owner.systemConnection.rows(
      `select (select string_agg(site_id, ' ' order by site_id) from db.main.sites) as sites, (select count(*)::integer from issue_acknowledgements) as acknowledged`,
    );
    return { ...counts, version: owner.dataVersion };
  };

  test.each([
    ['cross-site', 'localhost'],
    ['same-site', '127.0.0.1'],
  ])('a page that is %s changes and reads nothing', async (_, name) => {
    const before = await state();
    expect(before).toMatchObject({ sites: 'depot_n depot_s', acknowledged: 0 });
    await page.open(`http://${name}:${another}/`);
    const seen = (await page.evaluate(attacks(`http://127.0.0.1:${attacked.port}`))) as Record<string, unknown>;
    // Whether a beacon is sent is no answer; the rest is an error that no page can look into.
    expect(
      Object.entries(seen).filter(([attack, what]) => what !== 'nothing' && attack !== 'an acknowledgement'),
    ).toEqual([]);
    expect(Object.keys(seen)).toHaveLength(21);

    // Each came through to the server, and was refused there.
    const expected = [
      `POST ${truncate}`,
      `POST ${erase}`,
      'POST /v0/events',
      'POST /v0/datasources',
      `POST ${acknowledge}`,
      'GET /v0/sql',
      'OPTIONS /v0/events',
      'OPTIONS /v0/datasources/sites',
      'GET /docs/init.js',
      'GET /docs/swagger-ui.css',
      'GET /',
      'GET /v0/events',
      'GET /metrics',
      'POST /v0/datasources/connectors/truncate',
      'POST /v0/datasources/tariffs/delete',
    ].map((each) => `${each} 403`);
    await waitUntil(() => expected.every((each) => attacked.answered.includes(each)));
    expect(attacked.answered.filter((each) => !each.endsWith(' 403'))).toEqual([]);
    expect(await state()).toEqual(before);
  });

  test('a page that sends the whole window elsewhere reaches our pages, and nothing else', async () => {
    const target = `http://127.0.0.1:${attacked.port}`;
    const goTo = async (script: string, title: string): Promise<void> => {
      await page.open(`http://localhost:${another}/`);
      await page.evaluate(script);
      await waitUntil(
        async () =>
          (await page.evaluate('document.readyState + location.port').catch(() => '')) === `complete${attacked.port}`,
      );
      expect(await page.evaluate('document.title || document.body.innerText')).toContain(title);
    };
    await goTo(`location.href = '${target}/'`, 'wattduck');
    await goTo(`location.href = '${target}${sql}'`, 'the request comes from another site (Sec-Fetch-Site: cross-site)');
    await goTo(
      `document.body.innerHTML = '<form method=post action="${target}${truncate}">'; document.forms[0].submit()`,
      'the request comes from another site (Origin: http://localhost',
    );
    // Style and script are those of our own page.
    expect(attacked.answered.filter((each) => !/favicon|\/assets\/|\/tiles\//.test(each))).toEqual([
      'GET / 200',
      'GET /v0/sql 403',
      `POST ${truncate} 403`,
    ]);
    expect(await state()).toMatchObject({ sites: 'depot_n depot_s' });
  });

  test('our own pages work: the documentation is shown, and tries requests', async () => {
    await page.open(`http://localhost:${attacked.port}/docs`);
    await waitUntil(async () => Number(await page.evaluate("document.querySelectorAll('.opblock-tag').length")) > 5);
    const answers = await page.evaluate(`Promise.all([
      fetch('${sql}'), fetch('/v0/events?name=sites', { method: 'POST', body: '{"site_id":"ours","site_name":"O"}' }), fetch('${acknowledge}', { method: 'POST' }),
    ].map((asked) => asked.then(({ status }) => status)))`);
    expect(answers).toEqual([200, 202, 200]);
    expect(await state()).toMatchObject({ sites: 'depot_n depot_s ours', acknowledged: 1 });
  });

  test('an allowed origin uses all of it, another origin does not', async () => {
    const token = await makeToken(shared, 'dash', { scopes: 'admin', dailyLimit: 1000 });
    const use = `(async () => {
      const target = 'http://127.0.0.1:${shared.port}';
      const headers = { authorization: 'Bearer ${token}' };
      const all = ['etag', 'x-ratelimit-limit', 'x-ratelimit-remaining', 'server-timing'];
      const ask = async (path, options) => {
        try {
          const answer = await fetch(target + path, { headers, ...options });
          return [answer.status, await answer.text(), ...all.map((name) => answer.headers.get(name))];
        } catch { return 'nothing'; }
      };
      return {
        rows: await ask('/v0/events?name=sites&wait=true', { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body: '{"site_id":"dash","site_name":"D"}' }),
        select: await ask("/v0/sql?q=select count(*)::integer as n from sites where site_id = 'dash' format csv"),
        report: await ask('/v0/pipes/ingests.csv?columns=x'),
        unknown: await ask('/v0/pipes/ingests.json', { headers: { 'x-api-key': 'wrong' } }),
        image: await new Promise((resolve) => { const image = new Image(); image.onload = image.onerror = ({ type }) => resolve(type); image.src = target + '/healthz'; }),
      };
    })()`;
    await page.open(`http://localhost:${another}/`);
    expect(await page.evaluate(use)).toEqual({
      rows: [200, '{"successful_rows":1,"quarantined_rows":0}', null, '1000', '999', null],
      select: [200, '1\n', null, '1000', '998', null],
      report: [400, expect.stringContaining('unknown parameter columns'), null, '1000', '997', null],
      unknown: [403, expect.stringContaining('unknown or revoked token'), null, null, null, null],
      image: 'error',
    });
    // A browser asks first, before each route once.
    expect(shared.answered.filter((each) => each.startsWith('OPTIONS'))).toEqual([
      'OPTIONS /v0/events 204',
      'OPTIONS /v0/sql 204',
      'OPTIONS /v0/pipes/ingests.csv 204',
      'OPTIONS /v0/pipes/ingests.json 204',
    ]);

    await page.open(`http://127.0.0.1:${another}/`);
    expect(await page.evaluate(use)).toEqual({
      rows: 'nothing',
      select: 'nothing',
      report: 'nothing',
      unknown: 'nothing',
      image: 'error',
    });
  });
});
