import type { Catalog } from '../catalog/catalog.ts';
import type { DateOrder, DecimalMark } from '../catalog/definitions.ts';
import { WattduckError } from '../errors.ts';
import { clipped } from '../text/plain-text.ts';
import type { DuckDb } from '../warehouse/engine.ts';
import type { Input } from './input.ts';
import { inside, layoutOf, type Layout, type LayoutTold } from './layout.ts';
import { fieldsFor, recognise, type Recognised } from './recognise.ts';
import type { Reading } from './rows.ts';

/** What the user says of a file. */
export interface Told extends LayoutTold {
  source?: string;
  /** What it must be, once it is unpacked. */
  format?: 'csv' | 'ndjson' | 'parquet';
  /** True where rows of the source told go to quarantine for what they all lack, rather than the file be refused. */
  evenLacking?: boolean;
  /** A mapping's name, or the path of a SQL file that is one. */
  mapping?: string;
  /** Zone of times without an offset, before a mapping's own. */
  zone?: string;
  /** Zone where neither user nor mapping says. */
  usualZone: string;
  dateOrder?: DateOrder;
  decimalMark?: DecimalMark;
  /** Whether e-mail addresses and names of people are hidden. */
  redact?: boolean;
}

/** A way to read a file, and what of it that leaves out. */
export type FileReading = Reading & Pick<Recognised, 'ignored' | 'steps'>;

/** Every way a file is to be read: one, or one for each source a file of several things tells of. */
export async function readingsOf(engine: DuckDb, catalog: Catalog, input: Input, told: Told): Promise<FileReading[]> {
  const layout = await layoutOf(engine, input, told);
  const found = input.isParquet ? 'parquet' : layout.format;
  if (told.format !== undefined && told.format !== found)
    throw new WattduckError(
      'usage',
      clipped`${input.name} is ${found}, not ${told.format}`,
      'Say what it is, or leave it to be found out.',
    );
  const format = told.mapping === undefined ? undefined : await catalog.mapping(told.mapping);
  const wanted = {
    ...(told.source === undefined ? {} : { source: told.source }),
    ...(format ? { format } : {}),
    evenLacking: told.evenLacking ?? false,
  };
  const readings: FileReading[] = [];
  for (const each of recognise(await catalog.sources(), await catalog.formats(), layout, input.name, wanted)) {
    const rows = each.steps.length > 0 ? await inside(engine, input, layout, each.steps) : layout;
    readings.push(await readingOf(catalog, each, rows, told));
  }
  return readings;
}

/** How a file that was recognised is read: what the user tells goes before what its mapping says. */
export async function readingOf(
  catalog: Catalog,
  recognised: Recognised,
  layout: Layout,
  told: Told,
): Promise<FileReading> {
  const { source, format, steps } = recognised;
  // A mapping named by its path is known by it; any other by its name.
  const mapping = format && (await catalog.mapping(told.mapping ?? format.name));
  const fields = mapping ? fieldsFor(mapping, layout) : { feeds: recognised.feeds, ignored: recognised.ignored };
  const dateOrder = told.dateOrder ?? mapping?.dateOrder;
  const decimalMark = told.decimalMark ?? mapping?.decimalMark;
  const forms = {
    zone: told.zone ?? mapping?.tz ?? told.usualZone,
    ...(dateOrder ? { dateOrder } : {}),
    ...(decimalMark ? { decimalMark } : {}),
  };
  const discreet = told.redact === true && source.columns.some(({ personal }) => personal);
  return {
    source,
    ...(mapping ? { mapping } : {}),
    steps,
    layout,
    ...fields,
    forms,
    discreet,
    rowByRow: told.rowByRow ?? false,
  };
}
