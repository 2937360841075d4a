import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { scratch, wattduck, type CliResult } from '../support/cli.ts';
import { importFiles } from '../support/import-files.ts';

const folder = scratch();
const db = join(folder, 'dozen.duckdb');
const address = 'clickhouse://loader@127.0.0.1:1/ev';

beforeAll(async () => {
  await importFiles(['test/reports/data/dozen/dozen.csv'], db);
});

const exportTo = (to: string, ...args: string[]): Promise<CliResult> =>
  wattduck(['export', '--to', to, '--db', db, ...args]);

/** A folder with a source of the user. */
function sourceFolder(name: string, columns: string, table: string): string {
  const root = join(folder, name);
  mkdirSync(join(root, 'sources'), { recursive: true });
  writeFileSync(
    join(root, 'sources', `${name}.sql`),
    `/*---\ntitle: Title\ndescription: Description.\nkey: [id]\nversion: updated\ncolumns: {${columns}}\n---*/\n${table};\n`,
  );
  return root;
}

describe('--print-ddl', () => {
  test('prints tables for a single server', async () => {
    const { status, stdout, stderr } = await exportTo(address, '--print-ddl');
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^create database if not exists `ev`;\n/);
    expect(stdout).toContain(`create table if not exists \`ev\`.\`connectors\` (
  \`station_id\` String,
  \`connector_id\` String,`);
    expect(stdout).toContain(
      ') engine = ReplacingMergeTree(`export_version`, `export_deleted`)\norder by (`station_id`, `connector_id`);',
    );
    expect(stdout).toContain(
      'partition by if(toYear(`start_time`) between 1990 and 2100, toYYYYMM(`start_time`), 0)\norder by (`session_id`);',
    );
    expect(stdout).toContain('`deviations` Array(Int32)');
    expect(stdout).not.toMatch(/Distributed|`(tokens|requests)`/);
  });

  test('needs no database file', async () => {
    const { status, stdout } = await wattduck(['export', '--to', address, '--print-ddl', '--db', join(folder, 'none')]);
    expect(status).toBe(0);
    expect(stdout).toContain('create table');
  });

  test('spreads rows by the hash of their key in a cluster, and copies other tables to every node', async () => {
    const { stdout } = await exportTo(address, '--cluster', "it's \\ `x`", '--print-ddl');
    expect(stdout)
      .toContain(`create table if not exists \`ev\`.\`charging_sessions\` as \`ev\`.\`charging_sessions_local\`
engine = Distributed('it\\'s \\\\ \`x\`', 'ev', 'charging_sessions_local', cityHash64(\`session_id\`));`);
    expect(stdout).toContain(`create table if not exists \`ev\`.\`sites_all\` as \`ev\`.\`sites\`
engine = Distributed('it\\'s \\\\ \`x\`', 'ev', 'sites', \`export_shard\`);`);
  });

  test('has the sources of the user', async () => {
    const root = sourceFolder(
      'meters',
      'id: { description: ID }, "max `power`": { description: Power }, updated: { description: Time }',
      'create table meters (id bigint not null, "max `power`" decimal(9,3), updated timestamp not null)',
    );
    const { status, stdout, stderr } = await exportTo(address, '--print-ddl', '--sql-dir', root);
    expect(status, stderr).toBe(0);
    expect(stdout).toContain(`create table if not exists \`ev\`.\`meters\` (
  \`id\` Int64,
  \`max \\\`power\\\`\` Nullable(Decimal(9,3)),
  \`updated\` DateTime64(6, 'UTC'),
  \`export_hash\` UInt64,`);
  });
});

describe('what cannot be exported', () => {
  test.each([
    ['a password in the address', ['--to', 'clickhouse://u:secret@h/ev'], /password must not be in the address/],
    ['no host', ['--to', 'clickhouse://'], /not an address of ClickHouse/],
    ['a hostile database', ['--to', 'clickhouse://h/ev`;drop'], /not an address of ClickHouse/],
    ['a second target', ['--to', address, 'out'], /--to and out: an export has one target/],
    ['a period', ['--to', address, '--from', '2025-01-01'], /cannot be combined with --from/],
    ['a Parquet folder too', ['--to', address, '--parquet'], /cannot be combined with --parquet/],
    ['reports', ['--to', address, '--reports', 'user-usage'], /cannot be combined with --reports/],
    ['a format', ['--to', address, '--csv-safe'], /cannot be combined with --csv-safe/],
    ['a cluster for a folder', ['out', '--cluster', 'c'], /--cluster needs --to/],
    ['DDL for a folder', ['out', '--print-ddl', '--to', '2025-01-31'], /--print-ddl needs --to/],
    ['no target', [], /export needs a target/],
    ['a cluster without a name', ['--to', address, '--cluster', ''], /cluster  ?not found/],
  ])('%s', async (_, args, message) => {
    const { status, stderr } = await wattduck(['export', ...args, '--db', db]);
    expect(status, stderr).toBeGreaterThan(0);
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain('secret');
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  test('a server that cannot be reached', async () => {
    const { status, stderr } = await exportTo(address);
    expect(status).toBe(1);
    expect(stderr).toBe(
      'error: no connection to ClickHouse at http://127.0.0.1:1: ECONNREFUSED. Check host and port, and that the server runs.\n',
    );
  });

  test('a server that is not ClickHouse', async () => {
    const server = createServer((socket) => void socket.end('hello\r\n\r\n'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const { status, stderr } = await exportTo(`clickhouse://127.0.0.1:${port}/ev`);
    server.close();
    expect(status, stderr).toBe(1);
    expect(stderr).toMatch(/^error: ClickHouse did not answer completely/);
  });

  test('a missing database file', async () => {
    const { status, stderr } = await wattduck(['export', '--to', address, '--db', join(folder, 'none.duckdb')]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/none\.duckdb not found/);
  });

  test.each([
    ['a reserved name', 'export_hash bigint', /column export_hash of \w+ cannot be exported .*its name is reserved/],
    ['a type without a counterpart', 'export_hash2 time', /ClickHouse has no type for TIME/],
  ])('a column with %s', async (_, column, message) => {
    const [name] = column.split(' ');
    const root = sourceFolder(
      `bad_${name}`,
      `id: { description: ID }, ${name}: { description: X }, updated: { description: Time }`,
      `create table bad_${name} (id bigint not null, ${column}, updated timestamp not null)`,
    );
    const { status, stderr } = await exportTo(address, '--print-ddl', '--sql-dir', root);
    expect(status, stderr).toBe(1);
    expect(stderr).toMatch(message);
  });
});
