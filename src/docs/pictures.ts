import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Io } from '../io.ts';
import { main } from '../main.ts';

/** Commands whose charts the README shows, by file name in docs/img. */
const pictures: Readonly<Record<string, readonly string[]>> = {
  'forecast.svg': ['revenue-forecasts', '--currency', 'EUR', '--horizons', '30', '--history', '120'],
  'hours.svg': ['energy-by-time-of-day', '--period', '2025', '--tz', 'Europe/Berlin'],
  'stations.svg': ['revenue-by-charge-point', '--period', '2025', '--currency', 'EUR'],
  'utilisation.svg': ['utilisation-by-hour', '--period', '2025-Q4', '--tz', 'Europe/Berlin', '--project-id', 'site_02'],
};

/** The pictures of the README, drawn from the fixtures. */
export async function readmePictures(): Promise<Record<string, string>> {
  const folder = mkdtempSync(join(tmpdir(), 'wattduck-pictures-'));
  try {
    const db = join(folder, 'pictures.duckdb');
    const files = readdirSync('fixtures').filter((name) => /\.(csv|gz)$/.test(name));
    await run(['ingest', ...files.map((name) => join('fixtures', name)), '--db', db]);
    const drawn: Record<string, string> = {};
    for (const [name, args] of Object.entries(pictures))
      drawn[name] = await run(['report', ...args, '--format', 'svg', '--db', db]);
    return drawn;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs a command on 1 January 2026 and returns its output. @throws Error if it fails */
async function run(args: string[]): Promise<string> {
  const output = { stdout: '', stderr: '' };
  const stream = (name: keyof typeof output): Io['stdout'] => ({
    write: (text) => void (output[name] += text),
    isTTY: false,
  });
  const status = await main(args, {
    stdin: Readable.from([]),
    stdout: stream('stdout'),
    stderr: stream('stderr'),
    env: {},
    cwd: process.cwd(),
    now: () => new Date('2026-01-01T00:00:00Z'),
  });
  if (status !== 0) throw new Error(`wattduck ${args.join(' ')}: ${output.stderr}`);
  return output.stdout;
}
