import type { Action, RawParameters } from '../catalog/definitions.ts';
import { bind, type BindContext } from '../warehouse/binder.ts';
import type { DuckDb } from '../warehouse/duckdb.ts';

/** Runs an action and returns the number of changed rows. */
export async function runAction(
  duckdb: DuckDb,
  action: Action,
  params: RawParameters,
  context: BindContext,
): Promise<number> {
  const { bindings } = await bind(duckdb, action.parameters, params, context);
  return Number((await duckdb.row(action.sql, bindings))['Count'] ?? 0);
}
