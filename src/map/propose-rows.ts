import { assignColumns } from './assign.ts';
import { chooseKey, eventIdMeanings } from './choose-key.ts';
import type { Evidence } from './evidence.ts';
import { hasField, type Answers, type Proposal, type ProposedField } from './proposal.ts';
import { sourceTargets } from './targets.ts';

/** Tables other than sessions: names and values decide each column. */
export function proposeRows(evidence: Evidence, source: string, answers: Answers, proposal: Proposal): void {
  const { targets } = sourceTargets[source]!;
  const timeTargets = targets.filter(({ kind }) => kind === 'time');
  const assigned = assignColumns(evidence, targets, new Set(), answers);
  proposal.questions.push(...assigned.questions);
  for (const field of assigned.fields) {
    const isTime = timeTargets.some(({ column }) => column === field.column);
    const joined = isTime ? joinedTime(evidence, field) : undefined;
    proposal.fields.push(joined ?? (isTime ? { ...field, sql: timeSql(evidence, field.from[0]!, field.sql) } : field));
  }
  addNameAsKey(source, proposal);
  if (source === 'customer_events') {
    addEventType(evidence, proposal, answers);
    const key = chooseKey(evidence, 'event_id', eventIdMeanings, proposal.fields, [], answers.fields['event_id']);
    proposal.fields.unshift(...key.fields);
    proposal.warnings.push(...key.warnings);
    // An order may have the same product twice.
    if (key.fields.length === 0 && !hasField(proposal, 'event_id') && isOrders(proposal)) {
      proposal.keyFrom = orderKey.filter((name) => hasField(proposal, name));
      proposal.keepsDuplicates = true;
    }
  }
}

/** Key and name of the tables whose names can stand for a missing ID. */
const namedKeys: Readonly<Record<string, [key: string, name: string]>> = {
  charge_points: ['station_id', 'charge_point_name'],
  sites: ['site_id', 'site_name'],
  tariffs: ['tariff_id', 'tariff_name'],
};

/** Uses the name as the ID of a file without IDs. */
function addNameAsKey(source: string, proposal: Proposal): void {
  const [key, name] = namedKeys[source] ?? [];
  const field = proposal.fields.find(({ column }) => column === name);
  if (key === undefined || field === undefined || hasField(proposal, key)) return;
  proposal.fields.unshift({ ...field, column: key, reasons: ['the name, because no column has an ID'] });
}

/** Columns that make the ID of a row of an order. */
const orderKey = ['session_id', 'customer_id', 'event_timestamp', 'product_id', 'quantity', 'price'];

/** Whether the rows are parts of orders rather than events of a visit. */
const isOrders = ({ fields }: Proposal): boolean =>
  fields.some(({ column, sql }) => column === 'event_type' && sql.includes(`'purchase'`));

/** Rows of orders are purchases, and with a negative quantity refunds. */
function addEventType(evidence: Evidence, proposal: Proposal, answers: Answers): void {
  if (hasField(proposal, 'event_type') || answers.values['event_type'] !== undefined) return;
  if (!['quantity', 'price', 'total_amount'].some((name) => hasField(proposal, name))) return;
  const quantity = proposal.fields.find(({ column }) => column === 'quantity');
  const hasRefunds = quantity !== undefined && (evidence.column(quantity.from[0]!).min ?? 0) < 0;
  proposal.fields.push({
    column: 'event_type',
    sql: hasRefunds ? `case when ${quantity.sql} like '-%' then 'refund' else 'purchase' end` : `'purchase'`,
    from: hasRefunds ? quantity.from : [],
    reasons: [hasRefunds ? 'rows of orders; a negative quantity is a refund' : 'rows of orders'],
  });
}

/** A date column joined with the clock column after it. */
function joinedTime(evidence: Evidence, field: ProposedField): ProposedField | undefined {
  const [name] = field.from;
  const { columns, times } = evidence.facts;
  const place = columns.findIndex((each) => each.name === name);
  const joined = times.find(
    (time) => time.columns.length === 2 && time.columns[0] === name && time.columns[1] === columns[place + 1]?.name,
  );
  return (
    joined && { ...field, sql: joined.sql, from: joined.columns, reasons: [...field.reasons, 'date and time joined'] }
  );
}

const timeSql = (evidence: Evidence, name: string, sql: string): string =>
  evidence.facts.times.find((time) => time.name === name)?.sql ?? sql;
