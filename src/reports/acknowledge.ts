import type { Action, RawParameters, Report } from '../catalog/definitions.ts';
import { WattduckError } from '../errors/wattduck-error.ts';
import { clipped } from '../text/plain-text.ts';
import type { BindContext } from '../warehouse/binder.ts';
import type { DuckDb } from '../warehouse/duckdb.ts';
import { createColumnViews } from '../warehouse/tables.ts';
import { runAction } from './run-action.ts';
import { runReport, type Answer } from './run-report.ts';

/**
 * Acknowledges an issue in a file open for writing, and answers the issue as it is then.
 * @param issue the report of one issue
 * @throws WattduckError not_found for an unknown issue, conflict for a resolved one; nothing is recorded then
 */
export async function acknowledge(
  duckdb: DuckDb,
  action: Action,
  issue: Report,
  params: RawParameters,
  context: BindContext,
): Promise<Answer> {
  await createColumnViews(duckdb, issue.tables);
  return duckdb.withWriteLock(() =>
    duckdb.transaction(async () => {
      await runAction(duckdb, action, params, context);
      const { note: _, ...issueParams } = params;
      const answer = await runReport(duckdb, issue, issueParams, context);
      if (answer.rows[0]?.['status'] === 'resolved') {
        throw new WattduckError(
          'conflict',
          clipped`issue "${params['issue_id']}" is resolved`,
          'Only open and acknowledged issues can be acknowledged.',
        );
      }
      return answer;
    }),
  );
}
