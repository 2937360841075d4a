import type { Action, Given } from '../catalog/definitions.ts';
import { bind, type BindContext } from '../warehouse/binder.ts';
import type { Engine } from '../warehouse/engine.ts';

/** Runs one write and answers how many rows it changed. */
export async function runAction(engine: Engine, action: Action, given: Given, context: BindContext): Promise<number> {
  const { bindings } = await bind(engine, action.parameters, given, context);
  return Number((await engine.row(action.sql, bindings))['Count'] ?? 0);
}
