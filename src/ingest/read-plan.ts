import type { Catalog } from '../catalog/catalog.ts';
import type { DateOrder, DecimalMark } from '../catalog/definitions.ts';
import { WattduckError } from '../errors/wattduck-error.ts';
import { clipped } from '../text/plain-text.ts';
import type { DuckDb } from '../warehouse/duckdb.ts';
import { detectFormat, fieldsFor, type DetectedFormat } from './detect-format.ts';
import type { Input } from './input.ts';
import { detectLayout, flattenLists, type Layout, type LayoutOptions } from './layout.ts';
import type { ReadPlan } from './text-rows.ts';

/** What the user says of a file. */
export interface ReadOptions extends LayoutOptions {
  source?: string;
  /** What it must be, once it is unpacked. */
  format?: 'csv' | 'ndjson' | 'parquet';
  /** True where rows of the source told go to quarantine for what they all lack, rather than the file be refused. */
  allowMissingColumns?: boolean;
  /** A mapping's name, or the path of a SQL file that is one. */
  mapping?: string;
  /** Zone of times without an offset, before a mapping's own. */
  zone?: string;
  /** Zone where neither user nor mapping says. */
  defaultTimeZone: string;
  dateOrder?: DateOrder;
  decimalMark?: DecimalMark;
  /** Whether e-mail addresses and names of people are hidden. */
  redact?: boolean;
}

/** A way to read a file, and what of it that leaves out. */
export type FileReadPlan = ReadPlan & Pick<DetectedFormat, 'ignored' | 'steps'>;

/** Every way a file is to be read: one, or one for each source a file of several things tells of. */
export async function readPlans(
  duckdb: DuckDb,
  catalog: Catalog,
  input: Input,
  options: ReadOptions,
): Promise<FileReadPlan[]> {
  const layout = await detectLayout(duckdb, input, options);
  const actualFormat = input.isParquet ? 'parquet' : layout.format;
  if (options.format !== undefined && options.format !== actualFormat)
    throw new WattduckError(
      'usage',
      clipped`${input.name} is ${actualFormat}, not ${options.format}`,
      'Say what it is, or leave it to be found out.',
    );
  const format = options.mapping === undefined ? undefined : await catalog.mapping(options.mapping);
  const detectOptions = {
    ...(options.source === undefined ? {} : { source: options.source }),
    ...(format ? { format } : {}),
    allowMissingColumns: options.allowMissingColumns ?? false,
  };
  const plans: FileReadPlan[] = [];
  for (const detected of detectFormat(
    await catalog.sources(),
    await catalog.formats(),
    layout,
    input.name,
    detectOptions,
  )) {
    const rows = detected.steps.length > 0 ? await flattenLists(duckdb, input, layout, detected.steps) : layout;
    plans.push(await readPlanFor(catalog, detected, rows, options));
  }
  return plans;
}

/** How a file that was recognised is read: what the user tells goes before what its mapping says. */
export async function readPlanFor(
  catalog: Catalog,
  detected: DetectedFormat,
  layout: Layout,
  options: ReadOptions,
): Promise<FileReadPlan> {
  const { source, format, steps } = detected;
  // A mapping named by its path is known by it; any other by its name.
  const mapping = format && (await catalog.mapping(options.mapping ?? format.name));
  const fields = mapping ? fieldsFor(mapping, layout) : { fieldMap: detected.fieldMap, ignored: detected.ignored };
  const dateOrder = options.dateOrder ?? mapping?.dateOrder;
  const decimalMark = options.decimalMark ?? mapping?.decimalMark;
  const forms = {
    zone: options.zone ?? mapping?.tz ?? options.defaultTimeZone,
    ...(dateOrder ? { dateOrder } : {}),
    ...(decimalMark ? { decimalMark } : {}),
  };
  const hideValues = options.redact === true && source.columns.some(({ personal }) => personal);
  return {
    source,
    ...(mapping ? { mapping } : {}),
    steps,
    layout,
    ...fields,
    forms,
    hideValues,
    rowByRow: options.rowByRow ?? false,
  };
}
