import type { Source, SourceColumn } from '../catalog/definitions.ts';
import { plain, suggest } from '../catalog/names.ts';
import { WattduckError } from '../errors.ts';
import type { Layout } from './layout.ts';
import type { Feeds } from './rows.ts';

/** The source a file is for, which of its names feed which column, and the names nothing wants. */
export interface Recognised {
  source: Source;
  feeds: Feeds;
  ignored: string[];
}

/**
 * Finds the source a file is meant for: the one whose required columns it all has.
 * @throws WattduckError saying what the file lacks, or which sources it could be.
 */
export function recognise(sources: readonly Source[], layout: Layout, fileName: string, wanted?: string): Recognised {
  if (wanted !== undefined) {
    const source = sources.find(({ name }) => name === wanted);
    if (!source) throw new WattduckError('usage', `no source "${wanted}"`, suggest(wanted, sources.map(({ name }) => name)));
    const match = matchSource(source, layout);
    if (lacking(match).length > 0) throw lacks(match, layout, fileName);
    return match;
  }
  const matches = sources.map((source) => matchSource(source, layout));
  const whole = matches.filter((match) => lacking(match).length === 0);
  if (whole.length > 1) {
    throw new WattduckError('failed', `${fileName} could be ${whole.map(({ source }) => source.name).join(' or ')}`, 'Say which with --source.');
  }
  const [found] = whole;
  if (found) return found;
  throw lacks(matches.toSorted((a, b) => b.feeds.size - a.feeds.size)[0]!, layout, fileName);
}

function matchSource(source: Source, { names }: Layout): Recognised {
  const byPlain = groupByPlain(names);
  const feeds = new Map<string, string[]>();
  const used = new Set<string>();
  for (const { name, aliases } of source.columns) {
    const found = [name, ...aliases].flatMap((candidate) => byPlain.get(plain(candidate)) ?? []);
    if (found.length === 0) continue;
    feeds.set(name, found);
    for (const each of found) used.add(each);
  }
  return { source, feeds, ignored: names.filter((name) => !used.has(name)) };
}

function groupByPlain(names: readonly string[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const name of names) groups.set(plain(name), [...(groups.get(plain(name)) ?? []), name]);
  return groups;
}

const lacking = ({ source, feeds }: Recognised): SourceColumn[] =>
  source.columns.filter(({ name, required }) => required && !feeds.has(name));

function lacks(match: Recognised, { names, format }: Layout, fileName: string): WattduckError {
  const { source } = match;
  const missing = lacking(match).map(({ name }) => name);
  const shown = names.slice(0, 8).join(', ') + (names.length > 8 ? `, … ${names.length - 8} more` : '');
  return new WattduckError(
    'failed',
    `${fileName} lacks ${missing.join(', ')} for source ${source.name}; its ${format === 'csv' ? 'header' : 'keys'}: ${shown}`,
    `Rename its columns; wattduck sources describe ${source.name} lists the names accepted.`,
  );
}
