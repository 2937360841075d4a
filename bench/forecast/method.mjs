// The forecast method in src/, and that of commit 3a07e37 as a baseline, bundled for benchmarks.
import { rmSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { resolve } from 'node:path';
import { build } from 'esbuild';

/** Bundles lie in dist/, from where modules of src/ look for their files. */
const bundleOf = (name) => `dist/bench-${name}.js`;
const banner = { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" };

async function load(name, contents) {
  const outfile = bundleOf(name);
  await build({
    stdin: { contents, resolveDir: '.' },
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    external: ['@bsull/augurs', '@duckdb/node-api', 'tinypool'],
    banner,
  });
  return import(pathToFileURL(resolve(outfile)).href);
}

const exportAll = (...parts) => parts.map((part) => `export * from './${part}.ts';`).join('\n');

/** Modules that read series like the reports do, and the present method. */
export const loadMethod = () =>
  load(
    'method',
    exportAll(
      ...[
        'catalog/catalog',
        'warehouse/binder',
        'warehouse/database',
        'warehouse/duckdb',
        'reports/forecast-report',
      ].map((part) => `src/${part}`),
      ...['forecast', 'backtest', 'history', 'intervals', 'pooled-errors'].map((part) => `src/forecast/${part}`),
    ),
  );

/** The method of commit 3a07e37. */
export const loadBaseline = () => load('baseline', exportAll('bench/forecast/method-3a07e37/forecast'));

export function removeBundles() {
  for (const name of ['method', 'baseline']) rmSync(bundleOf(name), { force: true });
}
