import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { refreshConsoleBlocks } from '../../src/docs/readme.ts';
import { referencePages } from '../../src/docs/reference.ts';
import { processIo } from '../../src/io.ts';
import { buildProgram } from '../../src/main.ts';
import { scratch } from '../support/cli.ts';

const stale = 'stale: run `npm run docs`';

test('the generated pages are what the SQL files and commands say', async () => {
  const pages = await referencePages();
  expect(readdirSync('docs').toSorted()).toEqual(Object.keys(pages).toSorted());
  for (const [name, text] of Object.entries(pages))
    expect(readFileSync(join('docs', name), 'utf8'), `docs/${name} is ${stale}`).toBe(text);
});

/** How long an ingest or a query took, and when something was acknowledged, differs from run to run. */
const timeless = (text: string): string =>
  text.replaceAll(/, \d+\.\d s\)/g, ', … s)').replaceAll(/("elapsed": |"acknowledged_at": )[^,\n]+/g, '$1…');

test('the README shows real output', async () => {
  const readme = readFileSync('README.md', 'utf8');
  const afresh = await refreshConsoleBlocks(readme, { WATTDUCK_DB: join(scratch(), 'readme.duckdb') }, process.cwd());
  expect(timeless(readme), `README.md is ${stale}`).toBe(timeless(afresh));
});

test('the README names every command', async () => {
  const readme = readFileSync('README.md', 'utf8');
  for (const command of (await buildProgram(processIo())).commands) {
    if (command.name() !== 'help') expect(readme).toContain(`| \`wattduck ${command.name()}`);
  }
});
