import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parse, CsvError } from 'csv-parse';
import type { FillDown, Mapping, Unpivot } from '../catalog/definitions.ts';
import { WattduckError } from '../errors/wattduck-error.ts';
import { normalizeHeader } from '../text/names.ts';
import { literal, type DuckDb } from '../warehouse/duckdb.ts';
import type { Input } from './input.ts';
import type { Layout } from './layout.ts';
import { lineReader } from './line-reader.ts';

type Reshaped = Mapping & ({ unpivot: Unpivot } | { fillDown: FillDown });

/** Whether a mapping reads cells or filled rows rather than the rows as they are. */
export const isReshaped = (mapping: Mapping | undefined): mapping is Reshaped =>
  mapping?.unpivot !== undefined || mapping?.fillDown !== undefined;

/** Whether a mapping can read a table only: JSON has no further columns, and no row above. */
export const needsTable = ({ unpivot, fillDown }: Mapping): boolean =>
  fillDown !== undefined || (unpivot !== undefined && unpivot.columns === undefined);

/** Fields that every reshaped row has. */
export const reshapedFields = ({ unpivot, fillDown }: Reshaped): string[] =>
  unpivot ? [unpivot.name, unpivot.value] : [fillDown!.by];

/** Writes the rows of a file as one JSON object per cell, or per row with filled cells. JSON without such cells stays as it is. */
export async function reshape(duckdb: DuckDb, input: Input, layout: Layout, mapping: Reshaped): Promise<Layout> {
  if (layout.format === 'csv') return reshapeTable(duckdb, input, layout, mapping);
  return mapping.unpivot?.columns ? unpivotRecords(duckdb, input, layout, mapping.unpivot) : layout;
}

/**
 * Writes a CSV file as JSON objects: one per cell of the unpivoted columns, or one per row. Each object has the fields that the
 * mapping reads, the name of the cell's column, and its value. A row with another number of fields than the header is one object
 * without a name, which is rejected.
 * @throws WattduckError (unbalanced_quotes)
 */
async function reshapeTable(duckdb: DuckDb, input: Input, layout: Layout, mapping: Reshaped): Promise<Layout> {
  const { unpivot, fillDown, inputFields } = mapping;
  const kept = new Set(
    inputFields.filter((field) => field !== unpivot?.name && field !== unpivot?.value).map(normalizeHeader),
  );
  // A header that ends with a delimiter has a last field without a name.
  const names = layout.names.at(-1)?.trim() === '' ? layout.names.slice(0, -1) : layout.names;
  const placesOf = (isIncluded: (header: string) => boolean): number[] =>
    names.map((_, place) => place).filter((place) => isIncluded(normalizeHeader(names[place]!)));
  const keptPlaces = placesOf((header) => kept.has(header));
  const cells = unpivot?.columns && new Set(unpivot.columns.map(normalizeHeader));
  const cellPlaces = placesOf((header) => (cells ? cells.has(header) : !kept.has(header)));
  const fill = fillDown ? downFiller(fillDown, placesOf) : (fields: readonly string[]) => fields;
  const toObjects = (row: readonly string[]): object[] => {
    const isComplete = row.length === names.length || (row.length === names.length + 1 && row.at(-1)!.trim() === '');
    const fields = isComplete ? fill(row) : row;
    const shared = Object.fromEntries(keptPlaces.map((place) => [names[place]!, fields[place] ?? null]));
    const wholeRow = row.join(layout.delimiter);
    if (!unpivot) return [isComplete ? shared : { ...nullsOf(shared), [fillDown!.by]: wholeRow }];
    if (!isComplete) return [{ ...shared, [unpivot.name]: null, [unpivot.value]: wholeRow }];
    return cellPlaces.map((place) => ({
      ...shared,
      [unpivot.name]: names[place]!.trim(),
      [unpivot.value]: fields[place],
    }));
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
  const cellNames = unpivot ? [unpivot.name, unpivot.value] : [];
  return {
    format: 'ndjson',
    names: [...keptPlaces.map((place) => names[place]!), ...cellNames],
    lists: new Map(),
    delimiter: '',
    path,
    compression: 'uncompressed',
  };
}

const nullsOf = (object: object): object => Object.fromEntries(Object.keys(object).map((key) => [key, null]));

/** Fills the empty cells of some columns from the last row of the same group that has a value. */
function downFiller(
  { by, columns }: FillDown,
  placesOf: (isIncluded: (header: string) => boolean) => number[],
): (fields: readonly string[]) => readonly string[] {
  const [groupPlace] = placesOf((header) => header === normalizeHeader(by));
  const filled = new Set(columns.map(normalizeHeader));
  const places = placesOf((header) => filled.has(header));
  let group = '';
  let above = new Map<number, string>();
  return (fields) => {
    const current = groupPlace === undefined ? '' : fields[groupPlace]!.trim();
    if (current !== group) above = new Map();
    group = current;
    if (current === '') return fields;
    for (const place of places) if (fields[place]!.trim() !== '') above.set(place, fields[place]!);
    return fields.map((field, place) => (field.trim() === '' ? (above.get(place) ?? field) : field));
  };
}

/** Writes each record of an NDJSON file once per unpivoted key, with the key's name and value. Other lines stay as they are. */
async function unpivotRecords(
  duckdb: DuckDb,
  input: Input,
  layout: Layout,
  { name, value, columns = [] }: Unpivot,
): Promise<Layout> {
  const path = join(await input.scratch(), `cells-${randomUUID()}.ndjson`);
  const cells = columns.map((key) => {
    const pointer = literal(`/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`);
    const start = literal(`{${JSON.stringify(name)}:${JSON.stringify(key)},${JSON.stringify(value)}:`);
    return `${start} || coalesce(json_extract(record, ${pointer})::varchar, 'null') || rest`;
  });
  await duckdb.run(
    `copy (select unnest(case when is_object then [${cells.join(', ')}] else [record] end) as text from (
       select record, is_object, case when json_keys(case when is_object then record else '{}' end) = [] then '}' else ',' || substr(record, 2) end as rest from (
         select trim(text, ' \t\r') as record, case when json_valid(text) then json_type(text) = 'OBJECT' else false end as is_object from ${lineReader(layout)})))
     to ${literal(path)} (format csv, header false, delimiter '\\0', quote '', escape '')`,
  );
  return { ...layout, names: [...layout.names, name, value], path, compression: 'uncompressed' };
}
