import { parseHeaderUnit, type HeaderUnit } from '../text/header-units.ts';
import type { FieldNameIndex, NameMatch } from './field-names.ts';
import { mostValues, type ColumnFacts, type NumberOverTime, type TableFacts } from './facts.ts';
import { isTimeColumn } from './relations.ts';
import type { ValueKind } from './targets.ts';

/** Facts about the file's columns, with the meanings of their names. */
export class Evidence {
  readonly facts: TableFacts;
  readonly #matches: ReadonlyMap<string, NameMatch[]>;
  readonly #byName: ReadonlyMap<string, ColumnFacts>;

  constructor(facts: TableFacts, names: FieldNameIndex) {
    this.facts = facts;
    this.#byName = new Map(facts.columns.map((column) => [column.name, column]));
    this.#matches = new Map(facts.columns.map(({ name }) => [name, matchesOf(name, names)]));
  }

  column(name: string): ColumnFacts {
    const found = this.#byName.get(name);
    if (!found) throw new Error(`no facts about column ${name}`);
    return found;
  }

  matches(name: string): readonly NameMatch[] {
    return this.#matches.get(name) ?? [];
  }

  /** How well the name of a column fits a meaning, 0 to 1. */
  score(name: string, meaning: string): number {
    return this.#matches.get(name)?.find((each) => each.meaning === meaning)?.score ?? 0;
  }

  /** The best of several meanings with their weights. */
  bestScore(name: string, meanings: Readonly<Record<string, number>>): number {
    return Math.max(0, ...Object.entries(meanings).map(([meaning, weight]) => weight * this.score(name, meaning)));
  }

  /** Columns whose names fit some meanings, best first. */
  rank(
    columns: readonly ColumnFacts[],
    meanings: Readonly<Record<string, number>>,
    minScore: number,
  ): { column: ColumnFacts; score: number }[] {
    return columns
      .map((column) => ({ column, score: this.bestScore(column.name, meanings) }))
      .filter(({ score }) => score > minScore)
      .toSorted((a, b) => b.score - a.score);
  }

  /** Whether no other meaning fits the name of a column better. */
  isBestMeaning(name: string, meaning: string): boolean {
    const [best] = this.matches(name);
    return best !== undefined && this.score(name, meaning) >= best.score;
  }

  overTime(column: string, from: string, to: string): NumberOverTime | undefined {
    return this.facts.numbersOverTime.find((each) => each.column === column && each.from === from && each.to === to);
  }
}

/** A member of a nested object matches by its own name too. */
function matchesOf(name: string, names: FieldNameIndex): NameMatch[] {
  const whole = names.match(name);
  const member = name.includes('.') ? names.match(name.slice(name.lastIndexOf('.') + 1)) : [];
  const best = new Map<string, NameMatch>();
  for (const match of [...whole, ...member.map((each) => ({ ...each, score: each.score * 0.9 }))])
    if (match.score > (best.get(match.meaning)?.score ?? 0)) best.set(match.meaning, match);
  return [...best.values()].toSorted((a, b) => b.score - a.score);
}

const energyUnits: Readonly<Record<string, string>> = { wh: 'Wh', kwh: 'kWh', mwh: 'MWh' };
const currencySigns = /^(?:[A-Z]{3}|(?:[A-Z]{1,2})?[$€£¥₹₺]|euros?|kr\.?|zł|kč|fr\.?)$/i;

/** Text before or after the numbers of a column, if most of them have it. */
const affixOf = ({ affixes }: ColumnFacts): { before: string; after: string } => {
  const total = affixes.reduce((sum, { count }) => sum + count, 0);
  const [first] = affixes;
  return first && first.count >= mostValues * total ? first : { before: '', after: '' };
};

/** Unit of energy that the values of a column end with. */
export const energyUnitOfValues = (column: ColumnFacts): string | undefined =>
  energyUnits[affixOf(column).after.trim().toLowerCase()];

/** Currency that the values of a column have, as a sign or a code. */
export const currencyOfValues = (column: ColumnFacts): string | undefined => {
  const { before, after } = affixOf(column);
  const found = [before.trim(), after.trim()].find((each) => each !== '' && currencySigns.test(each));
  return found;
};

/** The unit in a header, in brackets or as its last word; underscores stand for brackets and spaces. */
export function headerUnit(name: string): HeaderUnit | undefined {
  const alone = parseHeaderUnit(`x (${name.trim()})`);
  if (alone && alone.kind !== 'unknown') return alone;
  const found = parseHeaderUnit(name);
  if (found && (found.kind !== 'unknown' || !found.isBracketed)) return found;
  const tidy = name.replaceAll(/_+/g, ' ').trim();
  const last = /^(.*\S)[\s(/\-[]+(?:in )?([\p{L}%€£]+)[)\]]?$/u.exec(tidy);
  const worded = last ? parseHeaderUnit(`${last[1]} (${last[2]})`) : undefined;
  return worded && worded.kind !== 'unknown' && worded.kind !== 'currency' ? worded : found;
}

/** Whether every text around the numbers is a unit or sign that the import can read. */
export const hasKnownAffixes = ({ affixes }: ColumnFacts): boolean => {
  const total = affixes.reduce((sum, { count }) => sum + count, 0);
  const known = affixes.filter(({ before, after }) =>
    [before, after].every((each) => /^\s*(?:[km]?wh?|%|)\s*$/i.test(each) || currencySigns.test(each.trim())),
  );
  return known.reduce((sum, { count }) => sum + count, 0) >= mostValues * total;
};

export const isNumberColumn = (column: ColumnFacts): boolean =>
  column.numbers >= mostValues && !isTimeColumn(column) && hasKnownAffixes(column);

export const isDurationColumn = (column: ColumnFacts): boolean =>
  column.durations >= mostValues && column.numbers < mostValues;

/** Whether the values of a column are of a kind. A column without values fits every kind. */
export function fitsKind(column: ColumnFacts, kind: ValueKind): boolean {
  if (column.filled === 0) return true;
  const { min = 0, max = 0 } = column;
  switch (kind) {
    case 'number':
    case 'money':
      return isNumberColumn(column) && energyUnitOfValues(column) === undefined;
    case 'power':
      return isNumberColumn(column) && min >= 0;
    case 'percent':
      return isNumberColumn(column) && min >= 0 && max <= 100;
    case 'coordinate':
      return isNumberColumn(column) && min >= -180 && max <= 180;
    case 'time':
      return isTimeColumn(column);
    case 'currency':
      return column.currencies >= mostValues;
    case 'current':
      return column.currentTypes >= mostValues;
    case 'flag':
      return column.flags >= mostValues;
    case 'text':
      return column.times + column.dates < mostValues && column.documents < mostValues;
  }
}
