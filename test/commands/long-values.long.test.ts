import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { beforeAll, expect, test } from 'vitest';
import { Catalog } from '../../src/catalog/catalog.ts';
import { WattduckError } from '../../src/errors/wattduck-error.ts';
import { processIo } from '../../src/io.ts';
import { buildProgram } from '../../src/main.ts';
import { bind } from '../../src/warehouse/binder.ts';
import { DuckDb } from '../../src/warehouse/duckdb.ts';
import { scratch, wattduck } from '../support/cli.ts';
import { longValues, repeatsTooMuch } from '../support/long-values.ts';

const folder = scratch();
const db = join(folder, 'x.duckdb');
beforeAll(async () => {
  writeFileSync(join(folder, 's.csv'), 'session_id,station_id,start_time\ns1,a,2024-01-01 00:00:00\n');
  expect((await wattduck(['ingest', join(folder, 's.csv'), '--db', db])).status).toBe(0);
});

test('the check finds values that are too long', () => {
  for (const { pattern, value } of longValues) {
    expect([
      repeatsTooMuch(`<${value.slice(0, 200)}>`, pattern),
      repeatsTooMuch(`<${value.slice(1, 202)}>`, pattern),
    ]).toEqual([false, true]);
  }
});

const common = new Set(['--db', '--tz', '--sql-dir', '--memory-limit', '--wait', '--format', '--output', '--columns']);

/** Each command with its options that take a value. */
function* commandsOf(
  command: Command,
  path: readonly string[] = [],
): Generator<{ path: readonly string[]; options: string[]; argument: boolean }> {
  if (command.commands.length === 0)
    yield {
      path,
      options: command.options.filter(({ required }) => required).map(({ long }) => long!),
      argument: command.registeredArguments.length > 0,
    };
  for (const each of command.commands) if (each.name() !== 'help') yield* commandsOf(each, [...path, each.name()]);
}

/** Runs a command and checks its whole output. */
async function saidOf(args: string[], pattern: string): Promise<number> {
  const { status, stderr } = await wattduck(args, { cwd: folder });
  const shown = args.map((arg) => (arg.length > 100 ? `${pattern}…` : arg));
  expect([shown, repeatsTooMuch(stderr, pattern)]).toEqual([shown, false]);
  expect(stderr.length).toBeLessThan(10_000);
  if (status !== 0) expect([shown, stderr]).toEqual([shown, expect.stringMatching(/(^|\n)error: [^\n]*\n$/)]);
  return status;
}

test('every option and argument of every command', async () => {
  const commands = [...commandsOf(await buildProgram(processIo()))];
  expect(commands.length).toBeGreaterThan(15);
  let rejected = 0;
  for (const [n, { path, options, argument }] of commands.entries()) {
    // serve would run forever with a valid value.
    const rest =
      path[0] === 'serve'
        ? ['--port', 'none']
        : path[0] === 'ingest'
          ? [join(folder, 's.csv')]
          : path.at(-1) === 'ack'
            ? ['iss_1']
            : path[0] === 'sql'
              ? ['select 1 as a']
              : path[0] === 'report'
                ? []
                : argument
                  ? ['x']
                  : [];
    for (const [at, option] of options.entries()) {
      // Options of every command are parsed the same way.
      if (common.has(option) && (n + at) % 4 !== 0) continue;
      const { pattern, value } = longValues[(n + at) % longValues.length]!;
      const given =
        option === '--db' ? [option, value] : [option, value, ...(path[0] === 'doctor' ? [] : ['--db', db])];
      // The last value wins.
      const status = await saidOf([...path, ...rest, ...given], pattern);
      if (status !== 0) rejected += 1;
      if (at % 4 === n % 4) await saidOf([...path, ...rest, `${option}=${value}`, '--wait', '0'], pattern);
    }
    for (const { pattern, value } of [longValues[n % longValues.length]!]) {
      for (const args of [[value], [`--${value}`], ['x', 'y', value], [...rest, `-${value}`]])
        if (path[0] !== 'serve') await saidOf([...path, ...args, '--db', db], pattern);
    }
  }
  expect(rejected).toBeGreaterThan(30);
  for (const { pattern, value } of longValues)
    for (const args of [
      [value],
      [`--${value}`],
      ['sql', `select "${value}"`, '--db', db],
      ['sql', `select ${value} from x`, '--db', db],
    ])
      await saidOf(args, pattern);
});

test('every parameter of every report and action', async () => {
  const duckdb = await DuckDb.open();
  try {
    const catalog = await Catalog.open(duckdb);
    let rejected = 0;
    for (const [n, { parameters }] of [
      ...(await catalog.reports()),
      await catalog.action('token_create'),
      await catalog.action('acknowledge'),
    ].entries()) {
      for (const [at, { name }] of parameters.entries()) {
        const { pattern, value } = longValues[(n + at) % longValues.length]!;
        for (const given of [{ [name]: value }, { [value]: 'x' }]) {
          const message = await bind(duckdb, parameters, given, { label: (each) => `--${each}`, now: new Date() }).then(
            () => '',
            (error: unknown) => (error instanceof WattduckError ? error.fullMessage : String(error)),
          );
          expect([name, repeatsTooMuch(message, pattern)]).toEqual([name, false]);
          if (message !== '') rejected += 1;
        }
      }
    }
    expect(rejected).toBeGreaterThan(500);
  } finally {
    await duckdb.close();
  }
});

test('names and values of files', async () => {
  for (const { pattern, value } of [longValues[0]!, longValues[3]!, longValues[6]!]) {
    const cell = `"${value.replaceAll('"', '""')}"`;
    writeFileSync(join(folder, 'header.csv'), `session_id,station_id,start_time,${cell}\ns2,a,2024-01-01 00:00:00,1\n`);
    writeFileSync(join(folder, 'unknown.csv'), `${cell},b\n1,2\n`);
    writeFileSync(
      join(folder, 'cell.csv'),
      `session_id,station_id,start_time,energy_kwh\ns3,a,2024-01-01 00:00:00,${cell}\n`,
    );
    writeFileSync(join(folder, 'keys.ndjson'), `${JSON.stringify({ [value]: 1 })}\n`);
    writeFileSync(join(folder, 'wattduck.config.json'), '{}');
    for (const file of ['header.csv', 'unknown.csv', 'cell.csv', 'keys.ndjson']) {
      for (const options of [[], ['--strict'], ['--dry-run']])
        await saidOf(['ingest', join(folder, file), '--db', db, '--force', ...options], pattern);
    }
    for (const config of [{ [value]: 1 }, { db: [value] }, { wait: value }, { tz: value }, { memoryLimit: value }]) {
      writeFileSync(join(folder, 'wattduck.config.json'), JSON.stringify(config));
      await saidOf(['sources', '--db', db], pattern);
    }
    writeFileSync(join(folder, 'wattduck.config.json'), `{ "db": ${value}`);
    await saidOf(['sources', '--db', db], pattern);
    writeFileSync(join(folder, 'wattduck.config.json'), '{}');
  }
});
