// Bundles modules of src/ for benchmarks that run them in-process.
import { build } from 'esbuild';

export const entry = 'dist/bench-entry.js';

/** @param parts modules below src/ whose exports the entry re-exports */
export const buildEntry = (...parts) =>
  build({
    stdin: { contents: parts.map((part) => `export * from './src/${part}.ts';`).join('\n'), resolveDir: '.' },
    outfile: entry,
    bundle: true,
    format: 'esm',
    platform: 'node',
    external: ['@duckdb/node-api', 'tinypool'],
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
