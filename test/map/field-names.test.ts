import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';

type Names = Record<string, Record<string, string[]>>;

const languages = ['en', 'de', 'fr', 'nl', 'es', 'it', 'nb', 'sv', 'da', 'fi', 'pt'];
const table = parse(readFileSync(new URL('../../sql/field_names.yaml', import.meta.url), 'utf8')) as Names;
const names = Object.entries(table).flatMap(([meaning, byLanguage]) =>
  Object.entries(byLanguage).flatMap(([language, list]) => list.map((name) => ({ meaning, language, name }))),
);

/** The ways to write a name without accents, spaces and punctuation: one letter or two for ä, ö, ü, å and ø. */
function spellings(name: string): string[] {
  const lower = name.toLowerCase().replaceAll('ß', 'ss').replaceAll('æ', 'ae').replaceAll('œ', 'oe');
  const doubled = lower.replaceAll('ä', 'ae').replaceAll('å', 'aa').replaceAll('ü', 'ue').replaceAll(/[öø]/g, 'oe');
  return [lower.replaceAll('ø', 'o'), doubled].map((each) =>
    each
      .normalize('NFD')
      .replaceAll(/\p{M}/gu, '')
      .replaceAll(/[^\p{L}\p{N}]/gu, ''),
  );
}

describe('field names', () => {
  it('have one meaning each', () => {
    const meanings = new Map<string, Map<string, string>>();
    for (const { meaning, language, name } of names)
      for (const spelling of spellings(name)) {
        const found = meanings.get(spelling) ?? new Map<string, string>();
        if (!found.has(meaning)) found.set(meaning, language);
        meanings.set(spelling, found);
      }
    const ambiguous = [...meanings]
      .filter(([, found]) => found.size > 1)
      .map(
        ([name, found]) => `${name}: ${[...found].map(([meaning, language]) => `${meaning} (${language})`).join(', ')}`,
      );
    expect(ambiguous).toEqual([]);
  });

  it('are texts in a known language, each once per meaning and language', () => {
    const faulty: string[] = [];
    for (const [meaning, byLanguage] of Object.entries(table))
      for (const [language, list] of Object.entries(byLanguage)) {
        if (!languages.includes(language)) faulty.push(`${meaning}: unknown language ${language}`);
        const seen = new Set<string>();
        for (const name of list) {
          const folded = typeof name === 'string' ? spellings(name)[0]! : '';
          if (folded === '' || seen.has(folded)) faulty.push(`${meaning} (${language}): ${name}`);
          seen.add(folded);
        }
      }
    expect(faulty).toEqual([]);
  });

  it('are in lower case, without units in brackets', () => {
    expect(names.filter(({ name }) => name !== name.toLowerCase() || /[()[\]{}]/.test(name))).toEqual([]);
  });

  it('cover sessions in every language', () => {
    const needed = [
      'session_id',
      'station_id',
      'connector_id',
      'user_id',
      'rfid',
      'start_time',
      'end_time',
      'duration',
      'energy',
      'amount',
      'currency',
    ];
    const missing = needed.flatMap((meaning) =>
      languages.filter((each) => !table[meaning]?.[each]?.length).map((each) => `${meaning} (${each})`),
    );
    expect(missing).toEqual([]);
  });
});
