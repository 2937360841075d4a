import { builtInFiles } from '../catalog/sql-files.ts';
import { WattduckError } from '../errors/wattduck-error.ts';
import { findNearest, toKebabCase } from '../text/names.ts';

/** Other words for commands. */
const synonyms: Readonly<Record<string, string>> = { import: 'ingest', load: 'ingest', query: 'sql', list: 'report' };

/** The next step for words that mean no single command. */
const hints: Readonly<Record<string, string>> = {
  status: 'Use `wattduck report status-overview SITE`, or `wattduck report network-status` for all sites.',
  reports: 'List them with `wattduck report`.',
};

/**
 * The command line for a word that is not a command, or for the help of a report.
 * @param name the word, or the one after `help`
 * @throws WattduckError (unknown_command) if the word stands for something without a command
 */
export function guessCommand(args: readonly string[], name: string, commands: readonly string[]): string[] {
  const at = args.indexOf(name);
  const isHelp = args[at - 1] === 'help';
  const synonym = Object.hasOwn(synonyms, name) ? synonyms[name] : undefined;
  if (synonym !== undefined && commands.includes(synonym)) return args.toSpliced(at, 1, synonym);
  if (name === 'version' && args.length === 1) return ['--version'];
  if (isHelp && name === 'report') return args.length > at + 1 ? ['report', args[at + 1]!, '--help'] : [...args];
  const names = reportNames();
  const report = names.find((each) => each === toKebabCase(name));
  if (report !== undefined && isHelp) return ['report', report, '--help'];
  if (report !== undefined)
    throw new WattduckError('unknown_command', { name, hint: `Use \`wattduck report ${report}\`.` });
  if (Object.hasOwn(hints, name)) throw new WattduckError('unknown_command', { name, hint: hints[name] });
  if (isHelp) {
    const nearest = findNearest(name, [...commands, ...names]);
    const hint = nearest === undefined ? 'List the commands with `wattduck --help`.' : `Did you mean ${nearest}?`;
    throw new WattduckError('unknown_command', { name, hint });
  }
  return [...args];
}

const reportNames = (): string[] =>
  builtInFiles()
    .filter(({ group }) => group.startsWith('reports'))
    .map((file) => toKebabCase(file.name));
