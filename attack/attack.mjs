// Attacks a local server with random requests, disconnects and half-open connections, and prints a report:
// npm run attack [-- requests] [-- seed]. It uses the loopback address only.
import { buildSync } from 'esbuild';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { chooser } from './random.mjs';
import { requests } from './requests.mjs';
import { opened, startServer, usageOf, wattduck } from './server.mjs';
import { statements } from './statements.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const total = Number(process.argv[2] ?? 100_000);
const seed = Number(process.argv[3] ?? 20_260_101);
const [atOnce, disconnects, halfOpen, memoryLimit] = [12, 500, 500, 500];
const folder = mkdtempSync(join(tmpdir(), 'wattduck-attack-'));

/** Hostile SQL from the tests. */
async function hostileStatements() {
  const outfile = join(folder, 'hostile.mjs');
  buildSync({
    entryPoints: ['test/server/tinybird/hostile-statements.ts'],
    bundle: true,
    format: 'esm',
    platform: 'node',
    outfile,
  });
  const { rejected, heavy, disguisedNames } = await import(pathToFileURL(outfile).href);
  return [...rejected, ...disguisedNames, ...heavy.slice(0, 4)];
}

/** Sends a request; resolves to its status, 0 without a response, -1 if the client rejects the request. */
function send(port, { method, path, headers, body }) {
  return new Promise((resolve) => {
    let sent;
    try {
      sent = request(
        { host: '127.0.0.1', port, method, path: path.replaceAll(/[^\x21-\x7e]/g, ''), headers, timeout: 60_000 },
        (answer) => {
          answer.on('error', () => undefined).resume();
          answer.once('close', () => resolve(answer.statusCode));
        },
      );
    } catch {
      // The client itself rejects some headers.
      return resolve(-1);
    }
    sent
      .once('timeout', () => sent.destroy())
      .once('error', () => resolve(0))
      .end(body);
  });
}

/** Disconnects in the middle of a request or response. */
function disconnect(port, choice, statement) {
  const { pick, below, chance } = choice;
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
      .on('error', () => undefined)
      .once('close', resolve);
    const body = chance(0.5) ? statement() : 'x'.repeat(below(200_000));
    const path = pick([
      '/v0/sql',
      '/v0/events?name=sites',
      '/v0/datasources?name=sites&mode=append&format=csv',
      '/v0/pipes/get_sessions.json',
    ]);
    socket.write(
      `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(body) + below(2)}\r\n\r\n${body.slice(0, below(body.length + 1))}`,
    );
    void setTimeout(below(100)).then(() => (chance(0.5) ? socket.resetAndDestroy() : socket.destroy()));
  });
}

/** Opens a connection and sends the start of a request only. */
function openHalf(port, { pick }) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(
        pick([
          '',
          'G',
          'GET / HT',
          'POST /v0/sql HTTP/1.1\r\nHost: 127.0.0.1\r\n',
          'POST /v0/events?name=sites HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\n{"site_id"',
        ]),
      );
      resolve(socket);
    }).on('error', () => resolve(undefined));
  });
}

/** Routes of the server's OpenAPI document: path, methods, and parameters with an example each. */
async function routesOf(port, token) {
  const document = await (
    await fetch(`http://127.0.0.1:${port}/openapi.json`, token ? { headers: { authorization: `Bearer ${token}` } } : {})
  ).json();
  return Object.entries(document.paths).map(([path, item]) => {
    const methods = ['get', 'post'].filter((method) => item[method] !== undefined);
    const parameters = [item, ...methods.map((method) => item[method])]
      .flatMap((operation) => operation.parameters ?? [])
      .map(({ name, in: place, required, example, schema }) => ({
        name,
        isInPath: place === 'path',
        isRequired: required === true,
        example: String(example ?? schema?.example ?? schema?.enum?.[0] ?? '1'),
      }));
    return { path, methods: methods.map((method) => method.toUpperCase()), parameters };
  });
}

/** Appends a row that no other request touches. @returns true if it was acknowledged */
async function append(port, id, token) {
  const answer = await fetch(`http://127.0.0.1:${port}/v0/events?name=firmware_releases&wait=true`, {
    method: 'POST',
    headers: token ? { authorization: `Bearer ${token}` } : {},
    body: JSON.stringify({ vendor: 'attack', model: id, firmware_version: '1', released_at: '2025-01-01' }),
  });
  const { successful_rows: rows } = await answer.json();
  return answer.status === 200 && rows === 1;
}

async function attack(name, db, count, tokens, choice, hostile) {
  const server = await startServer(db, '--memory-limit', `${memoryLimit}MB`, '--timeout', '5');
  const { port } = server;
  const warmUp = requests(choice, await routesOf(port, tokens.admin), [tokens.admin], () => 'select 1');
  // Opens everything that stays open: readers, forecast threads, the write-ahead log.
  await Promise.all(Array.from({ length: 300 }, () => send(port, warmUp())));
  await send(port, {
    method: 'GET',
    path: '/api/v1/analytics/revenue/forecasts',
    headers: tokens.admin ? { 'x-api-key': tokens.admin } : {},
  });
  await append(port, `${name}-first`, tokens.admin);
  const before = usageOf(server.pid);
  const probe = new Worker(new URL('health-probe.mjs', import.meta.url), { workerData: { port } });
  const statement = statements(choice, hostile);
  const next = requests(
    choice,
    (await routesOf(port, tokens.admin)).filter(({ path }) => !/firmware/.test(path)),
    [undefined, ...Object.values(tokens), 'wd_unknown', ''],
    statement,
  );
  const statuses = new Map();
  const failures = [];
  let [sent, left, acknowledged] = [0, 0, 1];
  const client = async () => {
    while (sent < count && server.isRunning()) {
      sent += 1;
      if (sent % 1000 === 0) {
        process.stderr.write(`${name}: ${sent} requests\r`);
        if (await append(port, `${name}-${sent}`, tokens.admin)) acknowledged += 1;
      }
      if (left < disconnects / 2 && sent % Math.max(1, Math.floor(count / (disconnects / 2))) === 0) {
        left += 1;
        await disconnect(port, choice, statement);
      }
      let wanted = next();
      while (/firmware/.test(`${wanted.path} ${wanted.body ?? ''}`)) wanted = next();
      const status = await send(port, wanted);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (status >= 500) failures.push({ status, ...wanted });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, client));
  for (; left < disconnects / 2; left += 1) await disconnect(port, choice, statement);
  const open = await Promise.all(Array.from({ length: halfOpen / 2 }, () => openHalf(port, choice)));
  await setTimeout(2000);
  for (let at = 0; at < 200; at += 1) await send(port, next());
  probe.postMessage('end');
  const health = await new Promise((resolve) => probe.once('message', resolve));
  for (const socket of open) socket?.destroy();
  const crashed = !server.isRunning();
  if (crashed) return { name, statuses, failures, health, crashed, output: server.output() };
  // Connections that close within a minute are not a leak.
  let leaked = ['all'];
  for (let waited = 0; waited < 60 && leaked.length > 0; waited += 1) {
    await setTimeout(1000);
    leaked = opened(before.files, usageOf(server.pid).files);
  }
  const kept = JSON.parse(
    wattduck('sql', `select count(*) as n from firmware_releases where model like '${name}%'`, '--json', '--db', db),
  )[0].n;
  const { peak } = usageOf(server.pid);
  const ended = await server.stop();
  return {
    name,
    statuses,
    failures,
    health,
    crashed,
    peak,
    leaked,
    acknowledged,
    kept,
    ended,
    output: server.output(),
  };
}

function report({ name, statuses, failures, health, crashed, peak, leaked, acknowledged, kept, ended, output }) {
  const sent = [...statuses.values()].reduce((sum, count) => sum + count, 0);
  const faults = failures.length;
  console.log(`${name}
  requests                 ${sent} (${[...statuses]
    .toSorted(([a], [b]) => a - b)
    .map(([status, count]) => `${status || 'no response'}: ${count}`)
    .join(', ')})
  disconnects, half-open   ${disconnects / 2}, ${halfOpen / 2}
  5xx                      ${faults}
  crashes                  ${crashed ? 1 : 0}
  /healthz                 ${health.count} responses, slowest ${health.slowest.toFixed(0)} ms, 99 % within ${health.p99.toFixed(0)} ms, ${health.failed} failed
  peak memory              ${peak?.toFixed(0)} MB (memory limit ${memoryLimit} MB)
  leaked file handles      ${leaked.length === 0 ? 0 : leaked.join(', ')}
  rows acknowledged, kept  ${acknowledged}, ${kept}
  exit status              ${ended}`);
  for (const { status, method, path, headers, body } of failures.slice(0, 10))
    console.log(
      `  ${status}: ${method} ${path.slice(0, 300)} ${JSON.stringify(headers)} ${String(body).slice(0, 500)}`,
    );
  const unexpected = output.split('\n').filter((line) => /unexpected|error/i.test(line));
  for (const line of unexpected.slice(0, 10)) console.log(`  stderr: ${line.slice(0, 300)}`);
  return faults > 0 || crashed || leaked.length > 0 || acknowledged !== kept || peak > memoryLimit + 1024;
}

try {
  const db = join(folder, 'attack.duckdb');
  wattduck('ingest', 'fixtures', '--db', db);
  const choice = chooser(seed);
  const hostile = await hostileStatements();
  let isBad = report(await attack('without tokens', db, Math.ceil(total * 0.6), {}, choice, hostile));
  const tokens = Object.fromEntries(
    ['read', 'append', 'sql', 'admin'].map((scope) => [
      scope,
      /wd_[\w-]+/.exec(wattduck('token', 'create', `attack-${scope}`, '--scope', scope, '--db', db))[0],
    ]),
  );
  isBad = report(await attack('with tokens', db, Math.floor(total * 0.4), tokens, choice, hostile)) || isBad;
  console.log(isBad ? 'failed' : 'passed');
  process.exitCode = isBad ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
