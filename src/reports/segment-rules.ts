import { WattduckError } from '../errors/wattduck-error.ts';
import { clipped } from '../text/plain-text.ts';
import { literal, type DuckDb } from '../warehouse/duckdb.ts';

const metricsSql = "select array_to_string(rule_metrics(), ', ') as metrics";

const conditionsSql = `select segment_id, segment_rules, case when is_rule(segment_rules) then rule_condition(segment_rules) end as condition
  from customer_segments where segment_rules is not null order by segment_id`;

/** What is asked of the rules before they can be evaluated. */
export const rulesSql = [metricsSql, conditionsSql];

/**
 * Lets reports on this connection ask, by the macro meets_rule, whether a customer meets the rule of a segment. What is evaluated
 * is what the parser read and the allow-list passed, never the text of the rule.
 * @throws WattduckError where a segment's rule, taken in by other ways than ours, is none.
 */
export async function loadSegmentRules(duckdb: DuckDb): Promise<void> {
  const { metrics } = await duckdb.row(metricsSql);
  const rules = await duckdb.rows(conditionsSql);
  const cases = rules.map(({ segment_id: id, segment_rules: rule, condition }) => {
    if (condition === null) {
      throw new WattduckError(
        'failed',
        clipped`the rule of segment ${quoteShort(id)} is none that may be evaluated: ${quoteShort(rule)}`,
        'Correct it in the file of customer_segments and ingest that again.',
      );
    }
    return `when ${literal(String(id))} then ${String(condition)}`;
  });
  const conditionSql = cases.length > 0 ? `coalesce(case segment ${cases.join(' ')} end, false)` : 'false';
  await duckdb.run(`create or replace temp macro meets_rule(segment, ${String(metrics)}) as (${conditionSql})`);
}

/** A text of a file as an error may show it: without control characters, and not at any length. */
function quoteShort(text: unknown): string {
  const quoted = JSON.stringify(text);
  return quoted.length > 100 ? `${quoted.slice(0, 99)}…` : quoted;
}
