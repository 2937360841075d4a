import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { WattduckError } from '../../src/errors/wattduck-error.ts';
import { detectFormat } from '../../src/ingest/detect-format.ts';
import type { IngestOptions } from '../../src/ingest/ingest-file.ts';
import type { Layout } from '../../src/ingest/layout.ts';
import { normalizeHeader } from '../../src/text/names.ts';
import { engineDatabase, rejectionReasons } from '../support/engine-database.ts';

/** What a file of another system is imported as; all values are worked out by hand from the file. */
interface Expected {
  /** Name of the mapping that is detected, without any option. */
  mapping: string;
  source: string;
  /** Options that the format needs, such as the zone of times without an offset. */
  options?: Partial<IngestOptions>;
  counts: { read: number; added: number; quarantined: number; skipped: number };
  /** Rejected rows as `line: column reason`. */
  rejected?: string[];
  /** Expressions over the source's table, and their values in one row. */
  totals: Record<string, string | null>;
  /** Columns of the rows, in the order of the key. */
  columns: string[];
  rows: (string | null)[][];
}

const folder = join(import.meta.dirname, 'mappings');
const cases = readdirSync(folder).map((name) => {
  const files = readdirSync(join(folder, name));
  const input = files.find((file) => file.startsWith('input.'));
  return {
    name,
    path: join(folder, name, input!),
    expected: JSON.parse(readFileSync(join(folder, name, 'expected.json'), 'utf8')) as Expected,
  };
});

const { duckdb, catalog, file, rows, empty } = await engineDatabase();
const keys = new Map((await catalog.sources()).map(({ name, key }): [string, string] => [name, key[0]!]));

const mappings = await catalog.mappings();

/** Fields of a file that its mapping neither reads nor knows. */
const unknownFields = (name: string, ignored: readonly string[]): string[] => {
  const { detectBy, ignoredFields } = mappings.find((mapping) => mapping.name === name)!;
  const known = new Set([...detectBy, ...ignoredFields].map(normalizeHeader));
  return ignored.filter((field) => !known.has(normalizeHeader(field)));
};

test.each(cases)(
  '$name: rows and totals are right, and a second import changes nothing',
  async ({ path, expected }) => {
    const { source, mapping, options = {}, counts: expectedCounts, columns, totals } = expected;
    await empty(source);
    // A view of an earlier case may hide a column that the table did not have then.
    await duckdb.run(`drop view if exists temp.${source}`);
    const result = await file(path, options);
    const { read, added, quarantined, skipped } = result;
    expect({ source: result.source, mapping: result.mapping, read, added, quarantined, skipped }).toEqual({
      source,
      mapping,
      ...expectedCounts,
    });
    expect(rejectionReasons(result)).toEqual(expected.rejected ?? []);
    expect(unknownFields(mapping, result.ignored)).toEqual([]);
    expect(await rows(`select ${columns.join(', ')} from ${source} order by ${keys.get(source)}`)).toEqual(
      expected.rows,
    );
    expect(await rows(`select ${Object.keys(totals).join(', ')} from ${source}`)).toEqual([Object.values(totals)]);

    const again = await file(path, options);
    expect({ read: again.read, added: again.added, updated: again.updated }).toEqual({ read, added: 0, updated: 0 });
  },
);

describe('times without a zone', () => {
  const notesOf = async (options: Partial<IngestOptions>): Promise<string[]> =>
    (await file(join(folder, 'evcc_sessions', 'input.csv'), options)).notes;
  test('are noted if nothing names the zone', async () => {
    expect(await notesOf({ isZoneAssumed: true })).toEqual([
      'times are local, without a zone, and read as UTC; if they are from elsewhere, import again with --replace --tz ZONE',
    ]);
  });
  test.each([{ isZoneAssumed: true, zone: 'Europe/Oslo' }, { isZoneAssumed: false }])(
    'are not if %j',
    async (options) => {
      expect(await notesOf(options)).toEqual([]);
    },
  );
});

test.each([
  ['evcc_sessions', 'evcc_api', 'Carport', { zone: 'Europe/Berlin' }],
  ['steve_transactions', 'steve_api', 'CB-NORTH-2', {}],
])('%s and %s give the same session', async (csv, api, station, options) => {
  await empty('charging_sessions');
  await file(join(folder, csv, 'input.csv'), options);
  const count = `select count(*) from charging_sessions where station_id = '${station}'`;
  const before = await rows(count);
  expect((await file(join(folder, api, 'input.json'))).read).toBe(2);
  expect(await rows(count)).toEqual(before);
});

const sources = await catalog.sources();
const names = [...new Set(cases.map(({ expected }) => expected.mapping))];

test.each(names)('without one of its fields, a file of %s is not detected as one of another system', (name) => {
  const { detectBy } = mappings.find((mapping) => mapping.name === name)!;
  const detected = (format: 'csv' | 'ndjson', fields: string[]): string[] => {
    const layout = { format, names: fields, lists: new Map(), delimiter: ',', path: '', compression: 'uncompressed' };
    try {
      return detectFormat(sources, mappings, layout as Layout, 'the file').flatMap(
        ({ format: found }) => found?.name ?? [],
      );
    } catch (error) {
      if (error instanceof WattduckError) return [];
      throw error;
    }
  };
  for (const format of ['csv', 'ndjson'] as const)
    for (const dropped of detectBy)
      expect(
        detected(
          format,
          detectBy.filter((field) => field !== dropped),
        ),
        `without ${dropped}`,
      ).toEqual([]);
});
