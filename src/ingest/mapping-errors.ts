import { WattduckError } from '../errors/wattduck-error.ts';
import { isStatementError, shortMessage } from '../warehouse/duckdb-errors.ts';
import type { ReadPlan } from './text-rows.ts';

/**
 * Runs `work`; an error of DuckDB in it is an error of the user's mapping, if there is one. Most expressions that fail only reject
 * their row, but DuckDB cannot try those with lambdas or volatile functions.
 * @throws WattduckError (mapping_failed)
 */
export async function withMappingErrors<T>(file: string, { mapping }: ReadPlan, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!mapping || mapping.isBuiltIn || !isStatementError(error)) throw error;
    throw new WattduckError('mapping_failed', { file, mapping: mapping.name, reason: shortMessage(error) }, error);
  }
}
