import { currencyOfValues, fitsKind, headerUnit, type Evidence } from './evidence.ts';
import { mostValues, type ColumnFacts } from './facts.ts';
import type { Answers, ProposedField, Question } from './proposal.ts';
import type { Target } from './targets.ts';

/** Min fit of a name to fill a column. */
const minScore = 0.25;

interface Candidate {
  target: Target;
  column: ColumnFacts;
  score: number;
}

/** Columns of a table that names and values decide, each from one column of the file. */
export function assignColumns(
  evidence: Evidence,
  targets: readonly Target[],
  taken: ReadonlySet<string>,
  answers: Answers,
): { fields: ProposedField[]; questions: Question[] } {
  const fields: ProposedField[] = [];
  const questions: Question[] = [];
  const used = new Set(taken);
  for (const target of targets) {
    const given = answers.fields[target.column];
    if (given === undefined || given === '') continue;
    const column = evidence.column(given);
    fields.push({ ...fieldOf(target, column), reasons: ['as given'] });
    used.add(given);
  }
  const open = targets.filter(
    ({ column }) => answers.fields[column] === undefined && answers.values[column] === undefined,
  );
  const candidates = open
    .flatMap((target) =>
      evidence.facts.columns
        .filter((column) => !used.has(column.name) && fitsKind(column, target.kind))
        .map((column): Candidate => ({ target, column, score: scoreOf(evidence, target, column) })),
    )
    .filter(({ score }) => score >= minScore)
    .toSorted((a, b) => b.score - a.score);
  const filled = new Set<string>();
  for (const candidate of candidates) {
    const { target, column, score } = candidate;
    if (filled.has(target.column) || used.has(column.name)) continue;
    filled.add(target.column);
    used.add(column.name);
    const rivals = candidates.filter(
      (each) =>
        each !== candidate &&
        each.target === target &&
        !used.has(each.column.name) &&
        each.score >= score - 0.02 &&
        each.column.filled > 0,
    );
    if (
      rivals.length > 0 &&
      column.filled > 0 &&
      isImportant(target) &&
      !rivals.every((each) => isEqual(evidence, each.column, column))
    )
      questions.push({
        option: '--field',
        column: target.column,
        text: `Which column is ${target.column}?`,
        choices: [candidate, ...rivals].map(({ column: each }) => ({ value: each.name, label: each.name })),
      });
    fields.push(fieldOf(target, column));
  }
  for (const target of open.filter(({ column }) => !filled.has(column))) {
    const column = findByValues(evidence, target, used);
    if (!column) continue;
    used.add(column.name);
    fields.push({ ...fieldOf(target, column), reasons: ['values'] });
  }
  return { fields, questions };
}

/** The only column without a known name whose values can be nothing else: currency codes, AC and DC, or RFID tags. */
function findByValues(evidence: Evidence, target: Target, used: ReadonlySet<string>): ColumnFacts | undefined {
  const isKind = ({ currencies, currentTypes, hexIds }: ColumnFacts): boolean =>
    (target.kind === 'currency' && currencies >= mostValues) ||
    (target.kind === 'current' && currentTypes >= mostValues) ||
    (target.column === 'rfid' && hexIds >= mostValues);
  const [only, ...others] = evidence.facts.columns.filter(
    (column) => isKind(column) && !used.has(column.name) && (evidence.matches(column.name)[0]?.score ?? 0) < 0.5,
  );
  return others.length === 0 ? only : undefined;
}

/** Amounts and users must not be guessed: two columns that fit as well are a question. */
const isImportant = ({ kind, column }: Target): boolean =>
  kind === 'money' || /^(user|customer)_id$|^rfid$/.test(column);

/** Whether two number columns have the same value in every row. */
const isEqual = (evidence: Evidence, a: ColumnFacts, b: ColumnFacts): boolean =>
  (evidence.facts.numberPairs.find((pair) => pair.from === a.name && pair.to === b.name)?.equal ?? 0) > 0.999;

function scoreOf(evidence: Evidence, target: Target, column: ColumnFacts): number {
  const score = evidence.bestScore(column.name, target.meanings);
  if (score === 0) return 0;
  const [best] = evidence.matches(column.name);
  // A column whose name means something else does not fit, unless the target has that meaning too.
  const isOther = best !== undefined && best.score > score + 0.15 && !(best.meaning in target.meanings);
  if (isOther) return 0;
  // Without values only a certain name counts.
  if (column.filled === 0) return score >= 0.9 ? score - 0.5 : 0;
  return score;
}

function fieldOf(target: Target, column: ColumnFacts): ProposedField {
  const reasons = ['name'];
  let sql = column.sql;
  if (target.kind === 'text' && column.wholeDecimals >= mostValues) {
    sql = String.raw`regexp_replace(${sql}, '\.0$', '')`;
    reasons.push('without .0');
  }
  if (target.kind === 'flag') sql = `yes_or_no(${sql})`;
  if (target.kind === 'money' && hundredths.test(column.name)) {
    sql = `times(${sql}, 0.01)`;
    reasons.push('in hundredths of the currency');
  }
  if (target.kind === 'percent' && column.max !== undefined && column.max <= 1 && column.points + column.commas > 0) {
    sql = `times(${sql}, 100)`;
    reasons.push('a fraction, times 100');
  }
  if (target.kind === 'power') {
    const unit = headerUnit(column.name)?.unit;
    const isWatts = unit === 'W' || (unit === undefined && (column.median ?? 0) > 1000);
    if (isWatts) sql = `${sql} || ' W'`;
    reasons.push(isWatts ? 'in W' : 'in kW');
  }
  return { column: target.column, sql, from: [column.name], reasons };
}

/** A header whose amounts are in cents, pence or öre. */
const hundredths = /(?:[([\s_/.-]|^)(?:euro|eur)?(?:cents?|ct|pence|øre|öre|rappen)(?:\s*\/\s*kwh)?[)\]]?\s*$/i;

/** Signs that several currencies have. */
const sharedSigns = /^(?:\$|¥|kr\.?|fr\.?)$/i;

/** The currency of amounts without a column for it: from the header, or from the values. */
export function constantCurrency(column: ColumnFacts): { code: string; reason: string } | undefined {
  const ofHeader = headerUnit(column.name);
  if (ofHeader?.kind === 'currency') return { code: ofHeader.unit, reason: `header of ${column.name}` };
  const ofValues = currencyOfValues(column);
  return ofValues === undefined || sharedSigns.test(ofValues)
    ? undefined
    : { code: ofValues, reason: `values of ${column.name}` };
}
