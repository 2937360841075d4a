import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parse, CsvError } from 'csv-parse';
import type { Mapping, Unpivot } from '../catalog/definitions.ts';
import { WattduckError } from '../errors/wattduck-error.ts';
import { normalizeHeader } from '../text/names.ts';
import type { DuckDb } from '../warehouse/duckdb.ts';
import type { Input } from './input.ts';
import type { Layout } from './layout.ts';
import { lineReader } from './line-reader.ts';

/**
 * Writes a CSV file that has a column for each value of a dimension, such as one per currency, as one JSON object per cell.
 * Each object has the fields that the mapping reads, the name of the cell's column, and its value. A row with another number of
 * fields than the header is one object without a name, which is rejected.
 * @throws WattduckError (unbalanced_quotes)
 */
export async function unpivotTable(
  duckdb: DuckDb,
  input: Input,
  layout: Layout,
  mapping: Mapping & { unpivot: Unpivot },
): Promise<Layout> {
  const { name, value } = mapping.unpivot;
  const kept = new Set(
    mapping.inputFields.filter((field) => field !== name && field !== value).map((field) => normalizeHeader(field)),
  );
  // A header that ends with a delimiter has a last field without a name.
  const names = layout.names.at(-1)?.trim() === '' ? layout.names.slice(0, -1) : layout.names;
  const [keptPlaces, cellPlaces] = [true, false].map((isKept) =>
    names.map((_, place) => place).filter((place) => kept.has(normalizeHeader(names[place]!)) === isKept),
  );
  const toObjects = (fields: readonly string[]): object[] => {
    const shared = Object.fromEntries(keptPlaces!.map((place) => [names[place]!, fields[place] ?? null]));
    const isComplete =
      fields.length === names.length || (fields.length === names.length + 1 && fields.at(-1)!.trim() === '');
    if (!isComplete) return [{ ...shared, [name]: null, [value]: fields.join(layout.delimiter) }];
    return cellPlaces!.map((place) => ({ ...shared, [name]: names[place]!.trim(), [value]: fields[place] }));
  };
  const path = join(await input.scratch(), `cells-${randomUUID()}.ndjson`);
  async function* lines(): AsyncGenerator<string> {
    for await (const rows of duckdb.chunks(`select text from ${lineReader(layout)}`))
      yield rows.map(({ text }) => `${String(text ?? '')}\n`).join('');
  }
  const parser = parse({
    delimiter: layout.delimiter,
    from: layout.hasHeader === false ? 1 : 2,
    from_line: (layout.skip ?? 0) + 1,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
  });
  async function* objects(records: AsyncIterable<string[]>): AsyncGenerator<string> {
    for await (const fields of records)
      yield toObjects(fields)
        .map((object) => `${JSON.stringify(object)}\n`)
        .join('');
  }
  try {
    await pipeline(Readable.from(lines()), parser, objects, createWriteStream(path), { signal: input.signal });
  } catch (error) {
    if (error instanceof CsvError) throw new WattduckError('unbalanced_quotes', { file: input.name }, error);
    throw error;
  }
  return {
    format: 'ndjson',
    names: [...keptPlaces!.map((place) => names[place]!), name, value],
    lists: new Map(),
    delimiter: '',
    path,
    compression: 'uncompressed',
  };
}

/** Whether a mapping reads the cells of a table rather than its rows. */
export const isUnpivoted = (mapping: Mapping | undefined): mapping is Mapping & { unpivot: Unpivot } =>
  mapping?.unpivot !== undefined;
