import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { scratch } from '../support/cli.ts';
import { sample } from '../support/runs.ts';
import { generatedLayouts, type Layout } from './generated-layouts.ts';
import { importLayout, type Outcome } from './import-layout.ts';

const folder = scratch();
const layouts = sample(generatedLayouts(), 8);
const inexact: string[] = [];

/** Max share of layouts that may need an answer from the user. */
const maxInexact = 2 / 40;

/** Whether a question or a warning names each difference: its column or header, or the rows that are missing. */
function namesDoubts({ headers }: Layout, { differences, output }: Outcome): boolean {
  const doubts = output.split('\n').filter((line) => /^(?:question|warning|error):/.test(line));
  return Object.keys(differences).every((column) =>
    column === 'rows'
      ? doubts.some((line) => /Use --[a-z-]+|rows rejected/.test(line))
      : doubts.some((line) => [column, ...(headers[column] ?? [])].some((name) => line.includes(name))),
  );
}

describe('layouts that the program does not know', () => {
  for (const layout of layouts)
    it(`imports ${layout.name} (${layout.language}) exactly, or asks`, async () => {
      const own = join(folder, layout.name);
      mkdirSync(own);
      const outcome = await importLayout(layout, own);
      const { differences, output } = outcome;
      if (Object.keys(differences).length === 0) return;
      inexact.push(`${layout.name}: ${JSON.stringify(differences)}`);
      expect(namesDoubts(layout, outcome), `${JSON.stringify(differences)}\n${output}`).toBe(true);
    });

  afterAll(() => {
    expect(inexact.length, inexact.join('\n')).toBeLessThanOrEqual(Math.floor(layouts.length * maxInexact));
  });
});
