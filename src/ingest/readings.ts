import type { Catalog } from '../catalog/catalog.ts';
import type { DateOrder, DecimalMark } from '../catalog/definitions.ts';
import type { Engine } from '../warehouse/engine.ts';
import type { Input } from './input.ts';
import { inside, layoutOf } from './layout.ts';
import { recognise, type Recognised } from './recognise.ts';
import type { Reading } from './rows.ts';

/** What the user says of a file. */
export interface Told {
  source?: string;
  /** A mapping's name, or the path of a SQL file that is one. */
  mapping?: string;
  /** Zone of times without an offset, before a mapping's own. */
  zone?: string;
  /** Zone where neither user nor mapping says. */
  usualZone: string;
  dateOrder?: DateOrder;
  decimalMark?: DecimalMark;
}

/** A way to read a file, and what of it that leaves out. */
export type FileReading = Reading & Pick<Recognised, 'ignored' | 'steps'>;

/** Every way a file is to be read: one, or one for each source a file of several things tells of. */
export async function readingsOf(engine: Engine, catalog: Catalog, input: Input, told: Told): Promise<FileReading[]> {
  const layout = await layoutOf(engine, input);
  const mapping = told.mapping === undefined ? undefined : await catalog.mapping(told.mapping);
  const wanted = { ...(told.source === undefined ? {} : { source: told.source }), ...(mapping ? { mapping } : {}) };
  const recognised = recognise(await catalog.sources(), mapping ? [] : await catalog.mappings(), layout, input.name, wanted);
  const readings: FileReading[] = [];
  for (const each of recognised) {
    const dateOrder = told.dateOrder ?? each.mapping?.dateOrder;
    const decimalMark = told.decimalMark ?? each.mapping?.decimalMark;
    readings.push({
      ...each,
      layout: each.steps.length > 0 ? await inside(engine, input, layout, each.steps) : layout,
      forms: { zone: told.zone ?? each.mapping?.tz ?? told.usualZone, ...(dateOrder ? { dateOrder } : {}), ...(decimalMark ? { decimalMark } : {}) },
    });
  }
  return readings;
}
