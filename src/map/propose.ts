import type { Source } from '../catalog/definitions.ts';
import { literal } from '../warehouse/duckdb.ts';
import { constantCurrency } from './assign.ts';
import { detectSource } from './detect-source.ts';
import { Evidence, fitsKind, isNumberColumn } from './evidence.ts';
import type { TableFacts } from './facts.ts';
import type { FieldNameIndex } from './field-names.ts';
import { constantFields, hasField, takenColumns, type Answers, type Proposal } from './proposal.ts';
import { addFormats } from './propose-formats.ts';
import { proposeRows } from './propose-rows.ts';
import { proposeSessions } from './propose-sessions.ts';
import { isTimeColumn } from './relations.ts';

/** Kinds of meanings that never matter to a report. */
const noise: Readonly<Record<string, string>> = {
  weekday: 'follows from the time',
  month: 'follows from the time',
  year: 'follows from the time',
  hour: 'follows from the time',
  row_number: 'number of the row',
  duration: 'follows from start and end',
};

/** Proposes a mapping of a file, from its facts and the user's answers alone. */
export function propose(
  facts: TableFacts,
  names: FieldNameIndex,
  sources: readonly Source[],
  answers: Answers,
): Proposal {
  const evidence = new Evidence(facts, names);
  const detected = answers.source === undefined ? detectSource(evidence) : { source: answers.source, questions: [] };
  const proposal: Proposal = {
    source: detected.source ?? '',
    fields: [],
    unmapped: [],
    warnings: [],
    questions: [...detected.questions],
    nullValues: {},
    keyFrom: [],
    separateBy: [],
    keepsDuplicates: false,
    formats: [],
  };
  if (!facts.columns.some(isTimeColumn) && facts.times.length === 0)
    proposal.warnings.push('no column has times in a form that is known');
  if (detected.source === undefined) return proposal;
  if (detected.source === 'charging_sessions') proposeSessions(evidence, answers, proposal);
  else proposeRows(evidence, detected.source, answers, proposal);
  addConstants(evidence, answers, proposal);
  const source = sources.find(({ name }) => name === detected.source)!;
  askForRequired(source, proposal, evidence);
  addFormats(evidence, answers, proposal);
  const places = [...source.columns, ...source.inputs].map(({ name }) => name);
  proposal.fields.sort((a, b) => places.indexOf(a.column) - places.indexOf(b.column));
  addUnmapped(evidence, proposal);
  addNullValues(evidence, proposal);
  return proposal;
}

/** Constants of the user, and the currency that headers or values show. */
function addConstants(evidence: Evidence, answers: Answers, proposal: Proposal): void {
  const constants = constantFields(answers);
  proposal.fields = [...proposal.fields.filter(({ column }) => !(column in answers.values)), ...constants];
  const needsCurrency = ['charging_sessions', 'tariffs'].includes(proposal.source) && !hasField(proposal, 'currency');
  if (!needsCurrency || answers.fields['currency'] === '') return;
  const amount = proposal.fields.find(({ column }) => column === 'amount_paid' || column.startsWith('price_'));
  if (!amount || amount.from.length === 0) return;
  const currency = constantCurrency(evidence.column(amount.from[0]!));
  if (currency) {
    const sql = `currency_code(${literal(currency.code)})`;
    proposal.fields.push({ column: 'currency', sql, from: [], reasons: [currency.reason] });
  } else if (proposal.source === 'charging_sessions') {
    proposal.questions.push({
      option: '--value',
      column: 'currency',
      text: `In which currency is ${amount.from[0]}?`,
      choices: [],
      fallback: 'it counts as the base currency',
    });
  }
}

/** Asks for what no row is valid without. */
function askForRequired(source: Source, proposal: Proposal, evidence: Evidence): void {
  const isKeyMade = proposal.keyFrom.length > 0;
  const used = takenColumns(proposal);
  for (const { name, required, default: defaultSql } of source.columns) {
    const isKey = source.key.includes(name);
    if (!required || defaultSql !== undefined || hasField(proposal, name) || (isKey && isKeyMade)) continue;
    if (proposal.questions.some(({ column }) => column === name)) continue;
    const free = evidence.facts.columns.filter((each) => each.filled > 0 && !used.has(each.name));
    // A charge point is one of a few; numbers and free texts are not.
    const candidates = isConstant(name)
      ? free.filter((each) => fitsKind(each, 'text') && !isNumberColumn(each) && each.distinct * 2 <= each.filled)
      : free;
    const isValue = isConstant(name) && (candidates.length === 0 || name === 'currency');
    proposal.questions.push({
      option: isValue ? '--value' : '--field',
      column: name,
      text: isValue
        ? `No column has ${name}. Which value do all rows have?`
        : `Which column is ${name}?${isConstant(name) ? ` Use --value ${name}=TEXT if all rows have the same.` : ''}`,
      choices: isValue ? [] : candidates.slice(0, 12).map((each) => ({ value: each.name, label: each.name })),
    });
  }
}

/** Columns that may be the same in every row of a file. */
const isConstant = (name: string): boolean => ['station_id', 'currency', 'event_type'].includes(name);

function addUnmapped(evidence: Evidence, proposal: Proposal): void {
  const used = takenColumns(proposal);
  for (const { name, filled } of evidence.facts.columns) {
    if (used.has(name)) continue;
    const [best] = evidence.matches(name);
    const reason =
      filled === 0
        ? 'empty'
        : best && best.score > 0.6 && Object.hasOwn(noise, best.meaning)
          ? noise[best.meaning]
          : undefined;
    proposal.unmapped.push({ name, ...(reason ? { reason } : {}) });
  }
}

/** Columns whose value may stand for an unknown person. */
const personColumns = new Set(['user_id', 'rfid', 'customer_id', 'id_tag']);

/** Null markers of the columns that are read, and texts for unknown users. */
function addNullValues(evidence: Evidence, proposal: Proposal): void {
  for (const { column, from } of proposal.fields) {
    const [name] = from;
    if (name === undefined || !personColumns.has(column)) continue;
    const { field, unknownWords } = evidence.column(name);
    if (unknownWords.length === 0) continue;
    proposal.nullValues[field] = [...unknownWords];
    proposal.warnings.push(`${name}: ${unknownWords.join(', ')} is read as no user`);
  }
  for (const name of takenColumns(proposal)) {
    const { field, nullMarkers } = evidence.column(name);
    if (nullMarkers.length > 0)
      proposal.nullValues[field] = [...new Set([...(proposal.nullValues[field] ?? []), ...nullMarkers])];
  }
}
