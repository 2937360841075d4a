import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { scratch } from '../support/cli.ts';
import { sample } from '../support/runs.ts';
import { generatedLayouts } from './generated-layouts.ts';
import { importLayout } from './import-layout.ts';

const folder = scratch();
const layouts = sample(generatedLayouts(), 12);

describe('layouts that the program does not know', () => {
  for (const layout of layouts)
    it(`imports ${layout.name} (${layout.language})`, async () => {
      const own = join(folder, layout.language + layout.name);
      mkdirSync(own);
      const { differences, output } = await importLayout(layout, own);
      if (process.env['SHOW_OUTPUT'] && Object.keys(differences).length > 0)
        console.log(layout.name, differences, '\n', output);
      expect(differences).toEqual({});
    });
});
