// Bundles src/ into dist/: one chunk per lazily loaded command, so that --help starts fast.
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';

/** The libraries that draw charts: minified, they are half as large. */
const plotLibrary = {
  name: 'plot-library',
  setup: ({ onResolve }) => onResolve({ filter: /\/plot\.ts$/ }, () => ({ path: './plot.js', external: true })),
};

/** Commander loads it for commands in files of their own, which wattduck has none of. */
const noChildProcess = {
  name: 'no-child-process',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^node:child_process$/ }, ({ path, importer }) =>
      /node_modules\/commander\//.test(importer.replaceAll('\\', '/')) ? { path, namespace: 'none' } : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'none' }, () => ({ contents: 'module.exports = {};', loader: 'js' }));
  },
};

const catalog = 'dist/catalog.json';
const previous = existsSync(catalog) ? readFileSync(catalog, 'utf8') : undefined;
rmSync('dist', { recursive: true, force: true });
const { metafile: mainMetafile } = await build({
  metafile: true,
  entryPoints: [
    'src/main.ts',
    'src/docs/reference.ts',
    'src/docs/man-page.ts',
    'src/docs/readme.ts',
    'src/docs/pictures.ts',
    'src/build-catalog.ts',
    'src/forecast/worker.ts',
  ],
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  // Loaded on demand, and no faster when bundled; some look for files next to their modules. The many small files of
  // @duckdb/node-api are bundled: finding and parsing them takes Node longer than opening DuckDB.
  external: ['@duckdb/node-bindings', 'fastify', '@fastify/*', 'prom-client', 'tinypool'],
  legalComments: 'inline',
  // Node parses all of it at each start. Names stay, for stack traces.
  minifyWhitespace: true,
  minifySyntax: true,
  plugins: [plotLibrary, noChildProcess],
  // Bundled CommonJS packages call require().
  banner: {
    js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
  },
});

/** A third of linkedom: it parses style sheets, and charts have none. */
const noStyleSheets = {
  name: 'no-style-sheets',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^cssomnom/ }, ({ path }) => ({ path, namespace: 'empty' }));
    onLoad({ filter: /.*/, namespace: 'empty' }, () => ({ contents: 'export const parse = undefined;' }));
  },
};
const { metafile } = await build({
  entryPoints: ['src/charts/svg/plot.ts'],
  outdir: 'dist',
  bundle: true,
  minify: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  // linkedom works without it.
  external: ['canvas'],
  plugins: [noStyleSheets],
  legalComments: 'none',
  metafile: true,
  banner: {
    js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
  },
});
// The script of the pages, for browsers.
await build({
  entryPoints: ['src/pages/client/page.ts'],
  outdir: 'dist/assets',
  bundle: true,
  minify: true,
  format: 'iife',
  target: 'es2022',
});
writeFileSync('dist/plot.js.LICENSE.txt', licencesOf(Object.keys(metafile.inputs)));
writeFileSync('dist/LICENSES.txt', licencesOf(Object.keys(mainMetafile.inputs)));

writeFileSync('dist/examples.json', JSON.stringify(workedAnswers('test/reports')));
// Written last and atomically: its time marks a complete build.
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

/** The licences of the packages that files belong to, each text once. */
function licencesOf(paths) {
  const folders = new Set(paths.flatMap((path) => path.match(/^.*node_modules\/(@[^/]+\/)?[^/]+/)?.[0] ?? []));
  const texts = new Map();
  for (const folder of [...folders].toSorted()) {
    const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
    const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
    const text = file ? readFileSync(`${folder}/${file}`, 'utf8').trim() : license;
    texts.set(text, [...(texts.get(text) ?? []), `${name} ${version}`]);
  }
  return [...texts].map(([text, names]) => `${names.join(', ')}\n\n${text}\n`).join('\n---\n\n');
}

/** A short example answer of each report, by name: one document, and one list of rows. */
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
      const [whole, listed] = [bestExample(good, 'document'), bestExample(good, 'rows')];
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

/** The shortest case without empty lists in which most values are not empty. */
function bestExample(cases, kind) {
  const size = (each) => JSON.stringify(each[kind]).length;
  const full = cases
    .filter((each) => each[kind] !== undefined && !JSON.stringify(each[kind]).includes('[]'))
    .toSorted((a, b) => size(a) - size(b));
  return full.find((each) => share(each[kind]) > 0.6) ?? full[0];
}

/** Number of values in it that are neither empty nor 0. */
function share(value) {
  const values = [];
  JSON.stringify(value, (_, each) => (typeof each === 'object' && each !== null ? each : (values.push(each), each)));
  return values.filter((each) => each !== null && each !== 0).length / values.length;
}
