import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { builtInSql } from '../paths.ts';
import { parseHeaderUnit } from '../text/header-units.ts';

/** A meaning that a header may have, and how much of the header says so, 0 to 1. */
export interface NameMatch {
  meaning: string;
  score: number;
  /** The known name that matches. */
  name: string;
}

/** Meanings of field names: meaning, language, names. */
export type FieldNames = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

/** The names of fields in the languages of exports, from sql/field_names.yaml. */
export const readFieldNames = (): FieldNames =>
  parse(readFileSync(join(builtInSql, 'field_names.yaml'), 'utf8')) as FieldNames;

/** Letters that are written in two ways: without their mark, or as two letters. */
const doubledLetters: Readonly<Record<string, string>> = { ä: 'ae', ö: 'oe', ü: 'ue', å: 'aa', ø: 'oe' };

/** Words of a name in lower case, without accents. */
const foldedWords = (name: string): string[] =>
  name
    .replaceAll('ß', 'ss')
    .replaceAll(/æ/gi, 'ae')
    .replaceAll(/ø/gi, 'o')
    .replaceAll(/œ/gi, 'oe')
    .normalize('NFD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/(\p{Ll}|\p{N})(\p{Lu})/gu, '$1 $2')
    .replaceAll(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');

/** The ways to write a name: with its accents dropped, or as two letters. */
export const foldName = (name: string): string[] => {
  const lower = name.toLowerCase();
  const doubled = lower.replaceAll(/[äöüåø]/g, (letter) => doubledLetters[letter] ?? letter);
  return [...new Set([lower, doubled].map((each) => foldedWords(each).join('')))];
};

interface KnownName {
  meaning: string;
  name: string;
}

/** Finds the meanings of headers. */
export class FieldNameIndex {
  readonly #names = new Map<string, KnownName>();

  constructor(names: FieldNames) {
    for (const [meaning, languages] of Object.entries(names))
      for (const name of Object.values(languages).flat())
        for (const folded of foldName(name)) if (!this.#names.has(folded)) this.#names.set(folded, { meaning, name });
  }

  /** Meanings of a header, best first: its whole name, or words in it. */
  match(header: string): NameMatch[] {
    const best = new Map<string, NameMatch>();
    const add = (known: KnownName | undefined, score: number): void => {
      if (known && score > (best.get(known.meaning)?.score ?? 0)) best.set(known.meaning, { ...known, score });
    };
    for (const [text, weight] of variantsOf(header.slice(0, 200))) {
      const words = foldedWords(text);
      const whole = words.join('');
      add(this.#names.get(whole), weight);
      for (let from = 0; from < words.length; from += 1)
        for (let to = from + 1; to <= Math.min(words.length, from + 8); to += 1) {
          const part = words.slice(from, to).join('');
          add(this.#names.get(part), 0.9 * weight * (part.length / whole.length));
        }
      for (const [part, known] of this.#names) {
        // Compound words: Ladevorgangsbeginn ends with beginn.
        if (part.length < 5 || part.length >= whole.length) continue;
        if (whole.endsWith(part) || whole.startsWith(part)) add(known, 0.7 * weight * (part.length / whole.length));
      }
    }
    return [...best.values()].toSorted((a, b) => b.score - a.score);
  }
}

/** A header as it is, and without its unit. */
function variantsOf(header: string): [text: string, weight: number][] {
  const bracketless = header.replaceAll(/[([{][^)\]}]*[)\]}]?/g, ' ');
  const unit = parseHeaderUnit(header);
  const unitless = bracketless.replaceAll(
    /(?<=[\p{L}\p{N}][\s_.\-/]*)[\s_.\-/](k?wh|min(utes)?|mins?|seconds?|secs?|hours?|hrs?|hh[_: ]?mm[_: ]?ss|eur|usd|gbp|chf|sek|nok|dkk|%)[_\s]*$/giu,
    ' ',
  );
  const base = unit?.isBracketed === false ? header.replace(/[\s_.\-/]*[kKM]?[Ww]h?$/u, '') : unitless;
  return [
    [header, 1],
    [bracketless, 0.99],
    [unitless, 0.98],
    [base, 0.97],
  ].filter(([text], place, all) => all.findIndex(([other]) => other === text) === place) as [string, number][];
}
