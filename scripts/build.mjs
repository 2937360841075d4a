// Bundles src/ into dist/: one file a lazily loaded command, so that --help loads next to nothing.
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';

const catalog = 'dist/catalog.json';
const previous = existsSync(catalog) ? readFileSync(catalog, 'utf8') : undefined;
rmSync('dist', { recursive: true, force: true });
await build({
  entryPoints: [
    'src/main.ts',
    'src/docs/reference.ts',
    'src/docs/readme.ts',
    'src/build-catalog.ts',
    'src/forecast/worker.ts',
  ],
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  // Loaded where they are needed, and no faster for being bundled; some look for files beside them. The many small files of
  // @duckdb/node-api are bundled: Node takes longer to find and scan them than DuckDB to open.
  external: ['@duckdb/node-bindings', 'fastify', '@fastify/*', 'prom-client', '@bsull/augurs', 'tinypool'],
  legalComments: 'inline',
  // Bundled CommonJS packages ask for require().
  banner: {
    js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
  },
});

writeFileSync('dist/examples.json', JSON.stringify(workedAnswers('test/reports')));
// Last, and whole or not at all: by its time a build is known to be complete.
const { buildCatalog } = await import('../dist/build-catalog.js');
writeFileSync(`${catalog}.new`, await buildCatalog(previous));
renameSync(`${catalog}.new`, catalog);

// Copied instead of a dependency: the package installs a telemetry script.
for (const name of [
  'swagger-ui.css',
  'swagger-ui-bundle.js',
  'swagger-ui-bundle.js.LICENSE.txt',
  'LICENSE',
  'NOTICE',
  'package.json',
])
  cpSync(`node_modules/swagger-ui-dist/${name}`, `dist/swagger-ui/${name}`);

/** Of each report, by name, a short worked answer: a whole document, and rows alone. */
function workedAnswers(folder) {
  const reports = readdirSync(folder, { withFileTypes: true }).filter(
    (entry) => entry.isDirectory() && entry.name !== 'data',
  );
  return Object.fromEntries(
    reports.map(({ name }) => {
      const cases = readdirSync(`${folder}/${name}`).map((file) =>
        JSON.parse(readFileSync(`${folder}/${name}/${file}`, 'utf8')),
      );
      const good = cases.filter(({ error, leaveOut }) => error === undefined && leaveOut === undefined);
      const [whole, listed] = [telling(good, 'document'), telling(good, 'rows')];
      return [
        name,
        {
          ...(whole && { document: { given: whole.given, document: whole.document } }),
          ...(listed && { rows: { given: listed.given, rows: listed.rows, total: listed.total } }),
        },
      ];
    }),
  );
}

/** The shortest of those that have no empty list, and most of whose values are something. */
function telling(cases, kind) {
  const size = (each) => JSON.stringify(each[kind]).length;
  const full = cases
    .filter((each) => each[kind] !== undefined && !JSON.stringify(each[kind]).includes('[]'))
    .toSorted((a, b) => size(a) - size(b));
  return full.find((each) => share(each[kind]) > 0.6) ?? full[0];
}

/** How many of the values in it are neither nothing nor 0. */
function share(value) {
  const values = [];
  JSON.stringify(value, (_, each) => (typeof each === 'object' && each !== null ? each : (values.push(each), each)));
  return values.filter((each) => each !== null && each !== 0).length / values.length;
}
