import type { Format, Mapping, Source } from '../catalog/definitions.ts';
import { normalizeHeader, suggest } from '../text/names.ts';
import { WattduckError } from '../errors.ts';
import { clipped } from '../text/plain-text.ts';
import type { Layout, Step } from './layout.ts';
import type { Feeds } from './rows.ts';

/** What a file is: the source it is for, the format it has, which of its names feed what, and the names nothing wants. */
export interface Recognised {
  source: Source;
  format?: Format;
  /** Lists in which the rows are, outermost first; none where they are the records themselves. */
  steps: Step[];
  feeds: Feeds;
  ignored: string[];
}

/** A source or mapping held against the names of a file. */
interface Match extends Recognised {
  names: readonly string[];
  /** Names it needs and the file lacks. */
  lacking: string[];
  /** Names it needs and the file has. */
  met: number;
}

/** What a file is to be taken as, where the user says. */
export interface Wanted {
  source?: string;
  format?: Format;
  /** True where a file of the source is one whatever it lacks, if it has anything of it. */
  evenLacking?: boolean;
}

/**
 * Finds what a file is: a mapping whose fields it all has, or the source whose required columns it all has. The mapping that needs
 * most fields is the nearest, or the source that uses most; several that need the same ones, for different sources, are taken in one after the other.
 * @throws WattduckError saying what the file lacks, or what it could be.
 */
export function recognise(
  sources: readonly Source[],
  formats: readonly Format[],
  layout: Layout,
  fileName: string,
  wanted: Wanted = {},
): Recognised[] {
  const candidates = candidatesFor(sources, formats, wanted);
  // Records come before what lists in them hold.
  const places: [Step[], readonly string[]][] = [
    [[], layout.names],
    ...[...layout.lists].map(([key, names]): [Step[], readonly string[]] => [[{ key, withParent: false }], names]),
  ];
  let nearest: Match | undefined;
  for (const [steps, names] of places) {
    const matches = candidates.map((candidate) => candidate(names, steps));
    const whole = matches.filter(({ lacking }) => lacking.length === 0);
    if (whole.length > 0) return decide(whole, fileName);
    for (const match of matches) if (nearest === undefined || nearness(match) > nearness(nearest)) nearest = match;
  }
  const given = wanted.evenLacking ? sources.find(({ name }) => name === wanted.source) : undefined;
  const lacking = given && matchSource(given, layout.names, []);
  // A header of which nothing is known is none: it may be the first row.
  if (lacking && (lacking.feeds.size > 0 || layout.format === 'ndjson')) return [lacking];
  throw nearest && (nearest.met > 0 || wanted.format || wanted.source !== undefined)
    ? lacks(nearest, layout, fileName)
    : unknown(layout, fileName);
}

/** The share of what it needs that a file has; of equal ones the one that would use most of the file. */
const nearness = ({ met, lacking, feeds }: Match): number => met / (met + lacking.length) + feeds.size / 1000;

type Candidate = (names: readonly string[], steps: Step[]) => Match;

function candidatesFor(sources: readonly Source[], formats: readonly Format[], wanted: Wanted): Candidate[] {
  const ofFormat =
    (format: Format): Candidate =>
    (names, steps) =>
      matchFormat(format, sources, names, steps);
  const ofSource =
    (source: Source): Candidate =>
    (names, steps) =>
      matchSource(source, names, steps);
  if (wanted.format) return [ofFormat(wanted.format)];
  if (wanted.source === undefined) return [...formats.map(ofFormat), ...sources.map(ofSource)];
  const source = sources.find(({ name }) => name === wanted.source);
  if (!source)
    throw new WattduckError(
      'usage',
      clipped`no source "${wanted.source}"`,
      suggest(
        wanted.source,
        sources.map(({ name }) => name),
      ),
    );
  return [...formats.filter((format) => format.source === source.name).map(ofFormat), ofSource(source)];
}

function decide(whole: readonly Match[], fileName: string): Match[] {
  const mapped = whole.filter(({ format }) => format);
  const nearest = mapped.length > 0 ? most(mapped, ({ met }) => met) : most(whole, ({ feeds }) => feeds.size);
  if (nearest.length === 1) return [...nearest];
  const needs = ({ format }: Match): string => (format?.recognise ?? []).map(normalizeHeader).toSorted().join();
  const together =
    mapped.length > 0 &&
    new Set(nearest.map(needs)).size === 1 &&
    new Set(nearest.map(({ source }) => source.name)).size === nearest.length;
  if (together) return [...nearest];
  const which = nearest.map(({ format, source }) => format?.name ?? source.name);
  throw new WattduckError(
    'failed',
    clipped`${fileName} could be ${which.join(' or ')}`,
    clipped`Say which with --${mapped.length > 0 ? 'mapping' : 'source'}.`,
  );
}

/** Those with the highest figure. */
function most(matches: readonly Match[], figure: (match: Match) => number): Match[] {
  const highest = Math.max(...matches.map(figure));
  return matches.filter((match) => figure(match) === highest);
}

function matchFormat(format: Format, sources: readonly Source[], names: readonly string[], steps: Step[]): Match {
  const has = new Set(names.map(normalizeHeader));
  const needed = new Set(format.recognise.map(normalizeHeader));
  const others = format.alone ? names.filter((name) => !needed.has(normalizeHeader(name))) : [];
  // A name too many keeps a file out as one too few does.
  const lacking = [
    ...format.recognise.filter((name) => !has.has(normalizeHeader(name))),
    ...others.map((name) => `no ${name}`),
  ];
  return {
    source: sources.find(({ name }) => name === format.source)!,
    format,
    steps: [...steps, ...format.each.map((key): Step => ({ key, withParent: true }))],
    feeds: new Map(),
    ignored: [],
    names,
    lacking,
    met: format.recognise.filter((name) => has.has(normalizeHeader(name))).length,
  };
}

/** The file's names for each field a mapping reads, and those it reads not. */
export function fieldsFor(
  { inputFields: reads, each }: Mapping,
  { names, format }: Layout,
): Pick<Recognised, 'feeds' | 'ignored'> {
  const byPlain = groupByPlain(names);
  // A key of JSON may turn up only further down.
  const unseen = (name: string): string[] => (format === 'ndjson' ? [name] : []);
  const feeds = new Map(
    reads.map((name): [string, string[]] => [name, byPlain.get(normalizeHeader(name)) ?? unseen(name)]),
  );
  const used = new Set([...feeds.values()].flat());
  return { feeds, ignored: each.length > 0 ? [] : names.filter((name) => !used.has(name)) };
}

function matchSource(source: Source, names: readonly string[], steps: Step[]): Match {
  const byPlain = groupByPlain(names);
  const feeds = new Map<string, string[]>();
  const used = new Set<string>();
  for (const { name, aliases } of source.columns) {
    const found = [name, ...aliases].flatMap((candidate) => byPlain.get(normalizeHeader(candidate)) ?? []);
    if (found.length === 0) continue;
    feeds.set(name, found);
    for (const each of found) used.add(each);
  }
  const lacking = source.recognise.filter((name) => !feeds.has(name));
  return {
    source,
    steps,
    feeds,
    ignored: names.filter((name) => !used.has(name)),
    names,
    lacking,
    met: source.recognise.length - lacking.length,
  };
}

function groupByPlain(names: readonly string[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const name of names) groups.set(normalizeHeader(name), [...(groups.get(normalizeHeader(name)) ?? []), name]);
  return groups;
}

const shown = ({ names, format }: Pick<Layout, 'names' | 'format'>): string =>
  `its ${format === 'csv' ? 'header' : 'keys'}: ${names
    .slice(0, 8)
    .map((name) => name.slice(0, 60))
    .join(', ')}${names.length > 8 ? `, … ${names.length - 8} more` : ''}`;

const unknown = (layout: Layout, fileName: string): WattduckError =>
  new WattduckError(
    'failed',
    clipped`${fileName} is of no format known; ${shown(layout)}`,
    'wattduck sources lists what can be taken in; --mapping FILE.sql maps another format.',
  );

function lacks({ source, format, lacking, names }: Match, layout: Layout, fileName: string): WattduckError {
  return new WattduckError(
    'failed',
    clipped`${fileName} lacks ${lacking.join(', ')} for ${format ? `mapping ${format.name}` : `source ${source.name}`}; ${shown({ ...layout, names: [...names] })}`,
    format
      ? 'wattduck sources mappings lists the formats known.'
      : `Rename its columns (wattduck sources describe ${source.name} lists the names accepted), or write a mapping (--template begins one).`,
  );
}
