// Generates the table of pooled errors: npm run forecast:pool [-- folder of real files]. Without --all, held-out networks are left out.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadMethod, removeBundles } from './method.mjs';
import { errorsOf, poolErrors, sourceOf } from './pool.mjs';
import { allSeries, isHeldOut } from './series.mjs';

process.chdir(fileURLToPath(new URL('../..', import.meta.url)));
const withHeldOut = process.argv.includes('--all');
const real = process.argv.slice(2).find((each) => !each.startsWith('--')) ?? '../shared/data';
const folder = mkdtempSync(join(tmpdir(), 'wattduck-bench-'));
try {
  const method = await loadMethod();
  const series = (await allSeries(real, folder, method)).filter(({ network }) => withHeldOut || !isHeldOut(network));
  if (series.every(({ kind }) => kind === 'generated'))
    throw new Error(`${real}: no real series found. Pass the folder of real files.`);
  const table = poolErrors(series.map((each) => errorsOf(each, method)));
  writeFileSync('src/forecast/pooled-errors.ts', sourceOf(table));
  console.log(`${series.length} series of ${new Set(series.map(({ network }) => network)).size} networks`);
} finally {
  rmSync(folder, { recursive: true });
  removeBundles();
}
process.exit(0);
