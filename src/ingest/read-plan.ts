import type { Catalog } from '../catalog/catalog.ts';
import type { DateOrder, DecimalMark, Format, Source } from '../catalog/definitions.ts';
import { WattduckError } from '../errors/wattduck-error.ts';
import { normalizeHeader } from '../text/names.ts';
import type { DuckDb } from '../warehouse/duckdb.ts';
import { detectFormat, fieldsFor, fieldsOfSource, type DetectedFormat } from './detect-format.ts';
import type { Input } from './input.ts';
import { scanKeys, UnknownKeys } from './json-reader.ts';
import { detectLayout, flattenLists, type Layout, type LayoutOptions } from './layout.ts';
import type { ReadPlan } from './text-rows.ts';
import { isReshaped, reshape } from './reshape-table.ts';

/** Options that say how to read a file. */
export interface ReadOptions extends LayoutOptions {
  source?: string;
  /** Required format, after decompression. */
  format?: 'csv' | 'ndjson' | 'parquet';
  /** True to reject rows rather than the file if required columns of `source` are missing. */
  allowMissingColumns?: boolean;
  /** Name of a mapping, or path of its SQL file. */
  mapping?: string;
  /** Time zone of times without an offset; overrides the mapping's. */
  zone?: string;
  /** Time zone if neither the user nor the mapping sets one. */
  defaultTimeZone: string;
  /** True if the default zone is only assumed, because no option and no setting names it. */
  isZoneAssumed?: boolean;
  dateOrder?: DateOrder;
  decimalMark?: DecimalMark;
  /** True to hide e-mail addresses and names of people. */
  redact?: boolean;
}

/** How to read a file, with the nested lists that hold its rows and the fields it ignores. */
export interface FileReadPlan extends ReadPlan, Pick<DetectedFormat, 'ignored' | 'steps' | 'notes'> {
  /** All sources the file has rows of. */
  fileSources: readonly string[];
}

/** Plans to read a file: one per source it has rows of, usually one. */
export async function readPlans(
  duckdb: DuckDb,
  catalog: Catalog,
  input: Input,
  options: ReadOptions,
): Promise<FileReadPlan[]> {
  const sources = await catalog.sources();
  // Rows sent one by one are counted one by one: none becomes two.
  const mappings = (await catalog.mappings()).filter((mapping) => !(options.rowByRow && isReshaped(mapping)));
  const format = options.mapping === undefined ? undefined : await catalog.mapping(options.mapping);
  const knownNames = allNames(sources, format ? [...mappings, format] : mappings);
  const layout = await detectLayout(duckdb, input, { ...options, knownNames });
  const actualFormat = input.isParquet ? 'parquet' : layout.format;
  if (options.format !== undefined && options.format !== actualFormat)
    throw new WattduckError('unexpected_format', {
      file: input.name,
      actual: actualFormat,
      expected: options.format,
    });
  const detectOptions = {
    ...(options.source === undefined ? {} : { source: options.source }),
    ...(format ? { format } : {}),
    allowMissingColumns: options.allowMissingColumns ?? false,
  };
  const plans: FileReadPlan[] = [];
  for (const detected of detectFormat(sources, mappings, layout, input.name, detectOptions)) {
    plans.push(readPlanFor(detected, await rowsLayout(duckdb, input, layout, detected), options));
  }
  const fileSources = plans.map(({ source }) => source.name);
  return plans.map((plan) => ({ ...plan, fileSources }));
}

/** The layout of a file's rows: of the elements of its nested lists, of its cells, or of the file itself. */
async function rowsLayout(
  duckdb: DuckDb,
  input: Input,
  layout: Layout,
  { format, steps }: DetectedFormat,
): Promise<Layout> {
  const rows = steps.length > 0 ? await flattenLists(duckdb, input, layout, steps) : layout;
  return isReshaped(format) ? reshape(duckdb, input, rows, format) : rows;
}

/** Normalized names of all columns, and of the fields of all formats. */
const allNames = (sources: readonly Source[], formats: readonly Format[]): Set<string> =>
  new Set(
    [
      ...sources.flatMap(({ columns }) => columns.flatMap(({ name, aliases }) => [name, ...aliases])),
      ...formats.flatMap(({ detectBy }) => detectBy),
    ].map(normalizeHeader),
  );

const localTimesNote =
  'times are local, without a zone, and read as UTC; if they are from elsewhere, import again with --replace --tz ZONE';

/** The plan for a detected format. Options of the user override those of the mapping. */
export function readPlanFor(detected: DetectedFormat, layout: Layout, options: ReadOptions): FileReadPlan {
  const { source, format: mapping, steps } = detected;
  const { fieldMap, fieldUnits, constants, ignored, notes } = mapping ? fieldsFor(mapping, layout) : detected;
  const dateOrder = options.dateOrder ?? mapping?.dateOrder;
  const decimalMark = options.decimalMark ?? mapping?.decimalMark;
  const forms = {
    zone: options.zone ?? mapping?.tz ?? options.defaultTimeZone,
    ...(dateOrder ? { dateOrder } : {}),
    ...(decimalMark ? { decimalMark } : {}),
  };
  const isAssumed = options.isZoneAssumed === true && options.zone === undefined && mapping?.tz === undefined;
  const zoneNotes = mapping?.localTimes && isAssumed ? [localTimesNote] : [];
  const hideValues = options.redact === true && source.columns.some(({ personal }) => personal);
  return {
    source,
    fileSources: [source.name],
    ...(mapping ? { mapping } : {}),
    steps,
    layout,
    fieldMap,
    fieldUnits,
    constants,
    ignored,
    notes: [...notes, ...zoneNotes],
    forms,
    hideValues,
    rowByRow: options.rowByRow ?? false,
  };
}

/** Runs work that may find unknown keys, and runs it again with every key of the file. */
export async function withAllKeys<T>(
  duckdb: DuckDb,
  input: Input,
  plan: FileReadPlan,
  work: (plan: FileReadPlan) => Promise<T>,
): Promise<T> {
  try {
    return await work(plan);
  } catch (error) {
    if (!(error instanceof UnknownKeys)) throw error;
    const { names, isClean } = await scanKeys(duckdb, plan.layout, input.name);
    const layout = { ...plan.layout, names };
    const fields = plan.mapping ? fieldsFor(plan.mapping, layout) : fieldsOfSource(plan.source, names);
    return work({ ...plan, ...fields, layout, hasAllKeys: true, hasBrokenLines: !isClean });
  }
}
