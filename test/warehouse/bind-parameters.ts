import { DuckDBTimestampValue } from '@duckdb/node-api';
import type { Parameter, RawParameters } from '../../src/catalog/definitions.ts';
import type { WattduckError } from '../../src/errors/wattduck-error.ts';
import { bind } from '../../src/warehouse/binder.ts';
import type { DuckDb } from '../../src/warehouse/duckdb.ts';

export const parameter = (name: string, type: string, overrides: Partial<Parameter> = {}): Parameter => ({
  name,
  type,
  description: name,
  required: false,
  inSql: true,
  ...overrides,
});

const context = { now: new Date('2026-01-01T12:34:56.789Z'), label: (name: string) => `--${name}` };

/** The bound values, instants written as ISO 8601 in UTC with microseconds. */
export async function values(
  duckdb: DuckDb,
  parameters: readonly Parameter[],
  params: RawParameters,
): Promise<Record<string, unknown>> {
  const { bindings } = await bind(duckdb, parameters, params, context);
  return Object.fromEntries(
    Object.entries(bindings.values).map(([name, value]) => [
      name,
      value instanceof DuckDBTimestampValue ? iso(value.micros) : value,
    ]),
  );
}

const iso = (micros: bigint): string =>
  new Date(Number(micros / 1000n)).toISOString().replace('Z', `${String(micros % 1000n).padStart(3, '0')}Z`);

/** The full error message for these parameters; `taken` if they are valid. */
export async function bindError(
  duckdb: DuckDb,
  parameters: readonly Parameter[],
  params: RawParameters,
): Promise<string> {
  try {
    await bind(duckdb, parameters, params, context);
    return 'taken';
  } catch (error) {
    const { kind, fullMessage: line } = error as WattduckError;
    return kind === 'usage' ? line : `${kind}: ${line ?? String(error)}`;
  }
}
