import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

const sourceFiles = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && path.includes('/'))
  .map((path) => `src/${path}`);

/** What each folder of src/ may import, next to its own files. */
const layers: Record<string, string[]> = {
  text: [],
  errors: ['text'],
  catalog: ['errors', 'text'],
  warehouse: ['catalog', 'errors', 'text'],
  forecast: ['errors', 'text'],
  reports: ['forecast', 'warehouse', 'catalog', 'errors', 'text'],
  render: ['reports', 'warehouse', 'catalog', 'errors', 'text'],
  charts: ['render', 'reports', 'warehouse', 'catalog', 'errors', 'text'],
  pages: ['charts', 'reports', 'render', 'warehouse', 'catalog', 'errors', 'text'],
  ingest: ['warehouse', 'catalog', 'errors', 'text'],
  map: ['ingest', 'warehouse', 'catalog', 'errors', 'text'],
  server: ['pages', 'ingest', 'charts', 'reports', 'render', 'warehouse', 'catalog', 'errors', 'text'],
  commands: [
    'server',
    'pages',
    'map',
    'ingest',
    'charts',
    'reports',
    'render',
    'forecast',
    'warehouse',
    'catalog',
    'errors',
    'text',
  ],
};

/** The folder of src/ a path is in; '' for the files of src/ itself. */
const folderOf = (path: string): string => (path.split('/').length > 2 ? path.split('/')[1]! : '');

test('each folder imports only the layers below it', () => {
  const wrong = sourceFiles.flatMap((path) =>
    [...readFileSync(path, 'utf8').matchAll(/(?:from|import\() ?'(\.[^']+)'/g)]
      .map(([, target]) => join(dirname(path), target!))
      .filter((target) => {
        const [from, to] = [folderOf(path), folderOf(target)];
        return from in layers && to !== from && to !== '' && !layers[from]!.includes(to);
      })
      .map((target) => `${path} imports ${target}`),
  );
  expect(wrong).toEqual([]);
});

test('every folder of src has a layer, except the documentation generator', () => {
  const folders = new Set(sourceFiles.map(folderOf));
  expect([...folders].toSorted()).toEqual([...Object.keys(layers), 'docs'].toSorted());
});
