import { readdirSync, readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { processIo } from '../../src/io.ts';
import { buildProgram } from '../../src/main.ts';
import { wattduck } from '../support/cli.ts';

const generated = ['cli.md', 'definitions.md', 'errors.md', 'mappings.md', 'reports.md', 'sources.md', 'sql.md'];
const pages = [
  'README.md',
  ...readdirSync('docs', { encoding: 'utf8' })
    .filter((name) => name.endsWith('.md') && !generated.includes(name))
    .map((name) => `docs/${name}`),
];

/** The words of a shell command, without quotes; it ends at an operator or a comment. */
function shellWords(line: string): string[] {
  const words: string[] = [];
  for (const [word, quoted] of line.matchAll(/'([^']*)'|"(?:[^"\\]|\\.)*"|[^\s'"]+/g)) {
    if (/^(\||&&|;|>|\)|#)/.test(word)) break;
    words.push(quoted ?? word.replaceAll(/^"|"$/g, ''));
  }
  return words;
}

interface Mention {
  page: string;
  line: string;
  words: string[];
}

/** Every command line of wattduck in the code blocks of a page, and in its inline code. */
function mentionsIn(page: string): Mention[] {
  const markdown = readFileSync(page, 'utf8');
  const blocks = Array.from(
    markdown.matchAll(/^```(?:sh|console|cron|ini|dockerfile)\n([\s\S]*?)^```$/gm),
    ([, text]) => text!.split('\n').filter((line) => !line.startsWith('#')),
  ).flat();
  const withoutBlocks = markdown.replaceAll(/^```[\s\S]*?^```$/gm, '');
  const inline = Array.from(withoutBlocks.matchAll(/`(wattduck [^`]*)`/g), ([, text]) => text!);
  return [...blocks, ...inline].flatMap((line) =>
    Array.from(line.matchAll(/(?:^|[\s/'(])wattduck ((?!at )[a-z][\s\S]*)/g), ([, rest]) => ({
      page,
      line,
      words: shellWords(rest!),
    })).filter(
      ({ line: text }) =>
        !/^(error|warning|wrote|useradd|systemctl|journalctl|docker (build|run))|User=|Description=/.test(text),
    ),
  );
}

const mentions = pages.flatMap(mentionsIn);

test('the pages mention many commands', () => {
  expect(mentions.length).toBeGreaterThan(100);
  expect(new Set(mentions.map(({ page }) => page)).size).toBeGreaterThan(9);
});

/** Options of a command and its parents. */
const optionsOf = (command: Command): string[] =>
  command.options.flatMap(({ long, short }) => [long, short]).filter((name) => name !== undefined && name !== null);

test('every command and option in the pages exists', async () => {
  const program = await buildProgram(processIo());
  const reportHelp = new Map<string, string>();
  const problems: string[] = [];
  for (const { page, line, words } of mentions) {
    const [name = '', ...rest] = words;
    if (name === 'wattduck') continue;
    let command = program.commands.find((each) => each.name() === name || each.aliases().includes(name));
    if (!command) {
      problems.push(`${page}: no command in: ${line}`);
      continue;
    }
    const subcommand = command.commands.find((each) => each.name() === rest[0]);
    command = subcommand ?? command;
    const options = rest.filter((word) => /^--?[a-z]/.test(word)).map((word) => word.split('=')[0]!);
    // `issues` has the options of its report.
    const report = name === 'issues' ? 'issues' : /^[a-z][a-z/-]+$/.exec(rest[0] ?? '')?.[0];
    if (report !== undefined && ['report', 'issues', 'page'].includes(name)) {
      const parent = name === 'page' ? 'page' : 'report';
      const help = reportHelp.get(`${parent} ${report}`) ?? (await wattduck([parent, report, '--help'])).stdout;
      reportHelp.set(`${parent} ${report}`, help);
      const missing = options.filter(
        (option) => !['--help', '--note'].includes(option) && !new RegExp(`${option}[ ,]`).test(help),
      );
      problems.push(...missing.map((option) => `${page}: no ${option} in: ${line}`));
      continue;
    }
    const known = ['--help', ...optionsOf(command)];
    for (const option of options) if (!known.includes(option)) problems.push(`${page}: no ${option} in: ${line}`);
  }
  expect(problems).toEqual([]);
});

test('the settings page has the variables and keys of every setting', async () => {
  const page = readFileSync('docs/settings.md', 'utf8');
  const source = readFileSync('src/settings.ts', 'utf8');
  const variables = new Set(source.match(/WATTDUCK_[A-Z_]+/g));
  for (const variable of ['HOST', 'PORT', 'WATTDUCK_TOKEN', ...variables])
    expect([variable, page.includes(`\`${variable}\``)]).toEqual([variable, true]);
});
