import { expect, test } from 'vitest';
import { detectFormat } from '../../../src/ingest/detect-format.ts';
import { openEngine } from '../../support/duckdb.ts';

const { catalog } = await openEngine();
const [sources, formats] = [await catalog.sources(), await catalog.mappings()];
const takenFor = (names: readonly string[]): string[] =>
  detectFormat(
    sources,
    formats,
    { format: 'csv', names: [...names], lists: new Map(), delimiter: ',', path: '', compression: 'uncompressed' },
    'the file',
  ).map(({ format, source }) => format?.name ?? source.name);

test.each(formats.map(({ name, detectBy: names }) => [name, names] as const))(
  '%s is detected by its fields alone',
  (_, names) => {
    const sameFields = formats.filter((format) => format.detectBy.join() === names.join()).map((format) => format.name);
    expect(takenFor(names)).toEqual(sameFields);
  },
);

test.each(sources.map(({ name, columns }) => [name, columns.map((column) => column.name)] as const))(
  'a file with every column of source %s is that, and of no foreign format',
  (name, columns) => {
    expect(takenFor(columns)).toEqual([name]);
  },
);
