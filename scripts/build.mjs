// Bundles src/ into dist/: one file a lazily loaded command, so that --help loads next to nothing.
import { rmSync } from 'node:fs';
import { build } from 'esbuild';

rmSync('dist', { recursive: true, force: true });
await build({
  entryPoints: ['src/main.ts', 'src/docs.ts'],
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  // Loaded by the server alone, and no faster for being bundled.
  external: ['@duckdb/node-api', 'fastify', '@fastify/*', 'swagger-ui-dist'],
  legalComments: 'inline',
  // Bundled CommonJS packages ask for require().
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
});
