import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

/** Name of the cluster in the configuration of every node. */
export const clusterName = 'ev';

/** One ClickHouse server of this process. */
export interface ClickHouseNode {
  /** Address for the HTTP interface, without a database. */
  url: string;
  httpPort: number;
  tcpPort: number;
  /** Runs a statement and returns the text of its result. @throws Error with the message of ClickHouse */
  query(sql: string, settings?: Readonly<Record<string, string | number>>): Promise<string>;
  /** Sends rows as one insert, one JSON object per line. */
  insert(table: string, lines: string): Promise<void>;
  /** Kills the process; other nodes go on. */
  kill(): Promise<void>;
  /** Starts it again after a kill, with its files. */
  restart(): Promise<void>;
}

/** Nodes that know each other as the shards of {@link clusterName}. */
export interface ClickHouseCluster extends AsyncDisposable {
  nodes: ClickHouseNode[];
  /** Kills all nodes and removes their files. */
  stop(): Promise<void>;
}

/** Whether the library that the nodes run is installed. */
export const isInstalled = (): boolean => existsSync(new URL('node_modules/ffi-rs', import.meta.url));

/** Starts nodes on free ports of 127.0.0.1, with files in a temporary folder. */
export async function startCluster(size: number): Promise<ClickHouseCluster> {
  const folder = mkdtempSync(join(tmpdir(), 'wattduck-clickhouse-'));
  const ports = await freePorts(size * 2);
  const addresses = Array.from({ length: size }, (_, at) => ({
    httpPort: ports[at * 2]!,
    tcpPort: ports[at * 2 + 1]!,
  }));
  const config = join(folder, 'config.xml');
  writeFileSync(
    config,
    clusterConfig(
      config,
      addresses.map(({ tcpPort }) => tcpPort),
    ),
  );
  const nodes = await Promise.all(
    addresses.map((address, at) => startNode(join(folder, `node-${at + 1}`), address, config)),
  );
  const stop = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node.kill()));
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  return { nodes, stop, [Symbol.asyncDispose]: stop };
}

/** Users besides `default`, who has no password: a reader, loaders of one node and of several, and one who may not create temporary tables. */
export const users = {
  loader: {
    password: 'loader',
    grants: [
      'create database, create table, alter add column, select, insert on loaded.*',
      'table engine on ReplacingMergeTree',
      'select on system.processes',
    ],
  },
  spreader: {
    password: 'spreader',
    grants: [
      'select, insert on loaded.*',
      'select on system.clusters',
      'select on system.processes',
      'create temporary table, remote on *.*',
    ],
  },
  reader: {
    password: "reader's \\ päss",
    grants: ['select on *.*', 'create temporary table on *.*', 'table engine on Memory'],
  },
  restricted: { password: 'restricted', grants: ['select on *.*'] },
};

const clusterConfig = (path: string, tcpPorts: readonly number[]): string => `<clickhouse>
  <remote_servers><${clusterName}><secret>test</secret>
${tcpPorts.map((port) => `    <shard><replica><host>127.0.0.1</host><port>${port}</port></replica></shard>`).join('\n')}
  </${clusterName}></remote_servers>
  <users_config>${path}</users_config>
  <profiles><default>${testSettings}</default></profiles>
  <quotas><default/></quotas>
  <users>
    <default><password/>${userRights}</default>
${Object.entries(users)
  .map(
    ([name, { password, grants }]) =>
      `    <${name}><password>${password}</password>${userRights}<grants>${grants.map((grant) => `<query>grant ${grant}</query>`).join('')}</grants></${name}>`,
  )
  .join('\n')}
  </users>
</clickhouse>
`;
/** Compiled expressions and several threads pay off on large tables alone. */
const testSettings =
  '<compile_expressions>0</compile_expressions><compile_aggregate_expressions>0</compile_aggregate_expressions>' +
  '<compile_sort_description>0</compile_sort_description><max_threads>1</max_threads><log_queries>0</log_queries>';
const userRights = '<networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota>';

async function startNode(
  folder: string,
  { httpPort, tcpPort }: Pick<ClickHouseNode, 'httpPort' | 'tcpPort'>,
  config: string,
): Promise<ClickHouseNode> {
  mkdirSync(folder);
  const script = new URL('node.mjs', import.meta.url).pathname;
  const url = `http://127.0.0.1:${httpPort}`;
  const start = async (): Promise<{ child: ChildProcess; ended: Promise<void> }> => {
    const child = spawn(process.execPath, [script, folder, String(httpPort), String(tcpPort), config], {
      // The node dies with this process: its standard input ends.
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => (errors = `${errors}${chunk.toString()}`.slice(-2000)));
    const ended = new Promise<void>((resolve) => child.on('exit', () => resolve()));
    await waitUntilReady(url, child, () => errors);
    return { child, ended };
  };
  let running = await start();
  const request = async (params: URLSearchParams, body: string): Promise<string> => {
    const response = await fetch(`${url}/?${params}`, { method: 'POST', body });
    const text = await response.text();
    if (!response.ok || response.headers.has('x-clickhouse-exception-code')) throw new Error(text.trim());
    return text;
  };
  return {
    url,
    httpPort,
    tcpPort,
    query: (sql, settings = {}) =>
      request(new URLSearchParams(Object.entries(settings).map(([name, value]) => [name, String(value)])), sql),
    insert: async (table, lines) => {
      const query = `insert into ${table} format JSONEachRow`;
      await request(new URLSearchParams({ query, distributed_foreground_insert: '1' }), lines);
    },
    kill: async () => {
      running.child.kill('SIGKILL');
      await running.ended;
    },
    restart: async () => {
      running = await start();
    },
  };
}

async function waitUntilReady(url: string, child: ChildProcess, errors: () => string): Promise<void> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    const isReady = await fetch(`${url}/ping`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isReady) return;
    if (child.exitCode !== null || performance.now() > deadline)
      throw new Error(`ClickHouse did not start: ${errors()}`);
    await setTimeout(50);
  }
}

/** Ports that were free a moment ago. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.on('error', reject);
          server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
