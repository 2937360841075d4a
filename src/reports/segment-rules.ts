import { WattduckError } from '../errors/wattduck-error.ts';
import { literal, type DuckDb } from '../warehouse/duckdb.ts';

const metricsSql = "select array_to_string(rule_metrics(), ', ') as metrics";

const storedRulesSql =
  'select segment_id, segment_rules from customer_segments where segment_rules is not null order by segment_id';

/** The conditions of rules, in their order; null for an invalid one. @param rules SQL of a list of texts */
const conditionsSql = (rules: string): string =>
  `select case when is_rule(rule) then rule_condition(rule) end as condition
   from (select unnest(${rules}) as rule, unnest(range(len(${rules}))) as place) order by place`;

/** Queries that parse the rules before they are evaluated. */
export const rulesSql = [metricsSql, storedRulesSql, conditionsSql('[]')];

/**
 * Creates the macro meets_rule on this connection: whether a customer meets the rule of a segment. It evaluates the parsed
 * and validated rule, never its text.
 * @throws WattduckError (invalid_segment_rule) for an invalid rule that another program wrote to the table
 */
export async function loadSegmentRules(duckdb: DuckDb): Promise<void> {
  const { metrics } = await duckdb.localRow(metricsSql);
  const stored = await duckdb.rows(storedRulesSql);
  const rules = stored.map(({ segment_rules: rule }) => literal(String(rule)));
  const conditions = await duckdb.localRows(conditionsSql(`[${rules.join(', ')}]::varchar[]`));
  const cases = stored.map(({ segment_id: id, segment_rules: rule }, at) => {
    const condition = conditions[at]?.['condition'] ?? null;
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
