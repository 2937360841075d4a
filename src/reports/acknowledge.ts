import type { Action, Given, Report } from '../catalog/definitions.ts';
import { WattduckError } from '../errors.ts';
import { clipped } from '../text/plain-text.ts';
import type { BindContext } from '../warehouse/binder.ts';
import type { Engine } from '../warehouse/engine.ts';
import { widenTables } from '../warehouse/tables.ts';
import { runAction } from './run-action.ts';
import { runReport, type Answer } from './run-report.ts';

/**
 * Acknowledges an issue in a file open for writing, and answers the issue as it is then.
 * @param issue the report of one issue
 * @throws WattduckError not_found for an unknown issue, conflict for a resolved one; nothing is recorded then
 */
export async function acknowledge(
  engine: Engine,
  action: Action,
  issue: Report,
  given: Given,
  context: BindContext,
): Promise<Answer> {
  await widenTables(engine, issue.tables);
  return engine.alone(() =>
    engine.transaction(async () => {
      await runAction(engine, action, given, context);
      const { note: _, ...asked } = given;
      const answer = await runReport(engine, issue, asked, context);
      if (answer.rows[0]?.['status'] === 'resolved') {
        throw new WattduckError(
          'conflict',
          clipped`issue "${given['issue_id']}" is resolved`,
          'Only open and acknowledged issues can be acknowledged.',
        );
      }
      return answer;
    }),
  );
}
