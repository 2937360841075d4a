import { WattduckError } from '../errors/wattduck-error.ts';
import { literal, type DuckDb } from '../warehouse/duckdb.ts';

const metricsSql = "select array_to_string(rule_metrics(), ', ') as metrics";

const conditionsSql = `select segment_id, segment_rules, case when is_rule(segment_rules) then rule_condition(segment_rules) end as condition
  from customer_segments where segment_rules is not null order by segment_id`;

/** Queries that parse the rules before they are evaluated. */
export const rulesSql = [metricsSql, conditionsSql];

/**
 * Creates the macro meets_rule on this connection: whether a customer meets the rule of a segment. It evaluates the parsed
 * and validated rule, never its text.
 * @throws WattduckError (invalid_segment_rule) for an invalid rule that another program wrote to the table
 */
export async function loadSegmentRules(duckdb: DuckDb): Promise<void> {
  const { metrics } = await duckdb.row(metricsSql);
  const rules = await duckdb.rows(conditionsSql);
  const cases = rules.map(({ segment_id: id, segment_rules: rule, condition }) => {
    if (condition === null) {
      throw new WattduckError('invalid_segment_rule', { segment: quoteShort(id), rule: quoteShort(rule) });
    }
    return `when ${literal(String(id))} then ${String(condition)}`;
  });
  const conditionSql = cases.length > 0 ? `coalesce(case segment ${cases.join(' ')} end, false)` : 'false';
  await duckdb.run(`create or replace temp macro meets_rule(segment, ${String(metrics)}) as (${conditionSql})`);
}

/** A quoted and shortened text for an error message. */
function quoteShort(text: unknown): string {
  const quoted = JSON.stringify(text);
  return quoted.length > 100 ? `${quoted.slice(0, 99)}…` : quoted;
}
