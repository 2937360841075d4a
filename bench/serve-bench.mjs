// Compares the server with bare Fastify and with the same SQL in-process, and measures event ingestion during reads: npm run bench:serve [-- rows]
import autocannon from 'autocannon';
import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildEntry, entry } from './entry.mjs';
import { median, n } from './measure.mjs';
import { writeNetwork } from './network.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const rows = Number(process.argv[2] ?? 1_000_000);
const folder = mkdtempSync(join(tmpdir(), 'wattduck-bench-'));
const at = (name) => join(folder, name);

/** Starts a server; resolves to its address once it listens. */
function start(args) {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  return new Promise((ready, fail) => {
    let said = '';
    child.stderr.on('data', (piece) => {
      said += piece;
      const url = /(http:\S+)\s/.exec(said)?.[1];
      if (url) ready({ url, stop: () => new Promise((gone) => child.once('exit', gone) && child.kill()) });
    });
    child.once('exit', () => fail(new Error(said)));
  });
}

const rate = async (url) => (await autocannon({ url, connections: 10, duration: 4 })).requests.average;

/** Runs a cached response and a bare route with the same bytes in turn. */
async function kept(server) {
  const url = `${server.url}/v0/pipes/station_analytics.json?currency=EUR`;
  writeFileSync(at('body.json'), await (await fetch(url)).text());
  const bare = await start(['bench/bare-server.mjs', at('body.json')]);
  const pairs = [];
  for (let round = 0; round < 3; round += 1) pairs.push({ ours: await rate(url), floor: await rate(bare.url) });
  await bare.stop();
  const [ours, floor] = [median(pairs.map((pair) => pair.ours)), median(pairs.map((pair) => pair.floor))];
  console.log(
    `${'kept answers a second, against Fastify alone'.padEnd(56)} ${n(Math.round(ours)).padStart(10)} ${n(Math.round(floor)).padStart(10)}   ${(ours / floor).toFixed(2)}`,
  );
}

/** Compares uncached responses, one after another, with the same report in a separate process. */
async function computed(server, database) {
  const asked = {
    station_analytics: { currency: 'EUR' },
    energy_trends: { granularity: 'week' },
    get_sessions: { limit: '1000' },
    revenue_by_tariff: { currency: 'EUR' },
  };
  for (const [name, given] of Object.entries(asked)) {
    const pairs = [];
    for (let round = 0; round < 3; round += 1) {
      const times = [];
      for (let at = 0; at < 20; at += 1) {
        const url = `${server.url}/v0/pipes/${name}.json?${new URLSearchParams({ ...given, utm_run: `${round}-${at}` })}`;
        const started = performance.now();
        await (await fetch(url)).arrayBuffer();
        times.push(performance.now() - started);
      }
      const { stdout } = spawnSync(
        process.execPath,
        ['bench/query.mjs', 'report', name, database, JSON.stringify(given)],
        { encoding: 'utf8', maxBuffer: 2 ** 30 },
      );
      pairs.push({ ours: median(times), floor: JSON.parse(stdout).ms });
    }
    const [ours, floor] = [median(pairs.map((pair) => pair.ours)), median(pairs.map((pair) => pair.floor))];
    console.log(
      `${`${name}, computed, against the same in process`.padEnd(56)} ${ours.toFixed(1).padStart(7)} ms ${floor.toFixed(1).padStart(7)} ms   ${(ours / floor).toFixed(2)}`,
    );
  }
}

const batch = (from) =>
  Array.from({ length: 1000 }, (_, at) => {
    const id = from * 1000 + at;
    const minute = new Date(Date.UTC(2025, 0, 1) + id * 1000).toISOString();
    return JSON.stringify({
      session_id: `new_${id}`,
      station_id: `cp_${id % 600}`,
      user_id: `user_${id % 40_000}`,
      start_time: minute,
      end_time: minute,
      energy_consumed: (id % 600) / 10,
      amount_paid: 1.5,
      currency: 'EUR',
    });
  }).join('\n');

/** Milliseconds between two requests of a reader. */
const pause = 150;

/** Sixteen clients send batches of 1,000 events, each acknowledged once written, while two clients read. */
async function events(server) {
  const [batches, clients] = [600, 16];
  const bodies = Array.from({ length: batches }, (_, at) => batch(at));
  let [next, answers, reading] = [0, 0, true];
  const read = async () => {
    while (reading) {
      const { status } = await fetch(
        `${server.url}/v0/pipes/energy_trends.json?granularity=month&utm_run=${answers}`,
      ).then(async (reply) => (await reply.arrayBuffer(), reply));
      if (status !== 200) throw new Error(`a reader got status ${status}`);
      answers += 1;
      await setTimeout(pause);
    }
  };
  const write = async () => {
    while (next < batches) {
      const reply = await fetch(`${server.url}/v0/events?name=charging_sessions&wait=true`, {
        method: 'POST',
        body: bodies[next++],
      });
      const { successful_rows: written } = await reply.json();
      if (reply.status !== 200 || written !== 1000)
        throw new Error(`a batch got status ${reply.status} with ${written} rows`);
    }
  };
  const started = performance.now();
  const readers = [read(), read()];
  await Promise.all(Array.from({ length: clients }, write));
  const seconds = (performance.now() - started) / 1000;
  reading = false;
  await Promise.all(readers);
  console.log(
    `events in batches of 1,000: ${n(Math.round((batches * 1000) / seconds))} rows a second, into ${n(rows)} rows, with ${n(Math.round(answers / seconds))} responses a second to readers`,
  );
}

try {
  await buildEntry('catalog/catalog', 'warehouse/duckdb', 'warehouse/database', 'reports/run-report');
  const database = at('network.duckdb');
  spawnSync(process.execPath, ['bin/wattduck.js', 'ingest', ...(await writeNetwork(rows, at)), '--db', database]);
  copyFileSync(database, at('copy.duckdb'));
  const server = await start(['bin/wattduck.js', 'serve', '--port', '0', '--db', database]);
  console.log(
    `${`a server over ${n(rows)} sessions and as many events`.padEnd(56)} ${'wattduck'.padStart(10)} ${'floor'.padStart(10)}   ratio\n`,
  );
  await kept(server);
  await computed(server, at('copy.duckdb'));
  await events(server);
  await server.stop();
} finally {
  rmSync(folder, { recursive: true });
  rmSync(entry, { force: true });
}
