import type { Action, RawParameters, Report } from '../catalog/definitions.ts';
import { WattduckError } from '../errors/wattduck-error.ts';
import type { BindContext } from '../warehouse/binder.ts';
import type { DuckDb } from '../warehouse/duckdb.ts';
import { createColumnViews } from '../warehouse/tables.ts';
import { runAction } from './run-action.ts';
import { runReport, type Answer } from './run-report.ts';

/**
 * Acknowledges an issue in a database open for writing, and returns the updated issue.
 * @param issue the report of one issue
 * @throws WattduckError (record_not_found, issue_resolved) without recording anything
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
        throw new WattduckError('issue_resolved', { issue: params['issue_id'] });
      }
      return answer;
    }),
  );
}
