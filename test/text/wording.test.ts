import { readdirSync, readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { afterAll, expect, test } from 'vitest';
import { Catalog } from '../../src/catalog/catalog.ts';
import { commandForReport } from '../../src/commands/report.ts';
import { errorCatalog } from '../../src/errors/catalog.ts';
import type { ErrorDefinition } from '../../src/errors/definition.ts';
import { processIo } from '../../src/io.ts';
import { buildProgram } from '../../src/main.ts';
import { DuckDb } from '../../src/warehouse/duckdb.ts';

/** Words that docs/style.md bans, and others that newcomers stumble over. */
const banned = [
  /taken in/,
  /takes? in/,
  /passed over/,
  // Not the noun, as in "one pass over the rows".
  /(?<!\b(?:a|one|second) )pass(es)? over/,
  /told/,
  /tell(s|ing)?/,
  /meant/,
  /for want of/,
  /lest/,
  /alike/,
  /mend(ed)?/,
  /what is/,
  /who may/,
  // Unlike "is no number", "is no longer" is plain English.
  /is no (?!longer\b|more than\b)\w+/,
  /are no (?!longer\b|more than\b)\w+/,
  /one's own/,
  /of which/,
  /broken off/,
  /can not/,
  /fares/,
  /(?<=^|[.!?] )There (is|are|was|were)/,
  /is to be/,
  /stands for itself/,
  /beside/,
].map(({ source }) => new RegExp(`\\b${source}\\b`, 'gi'));

/** A text and where a reader finds it: a file, a command or a field. */
type Text = readonly [where: string, text: string];

/** The banned words in texts, as `where: … the words around it …`; a repeated text is listed once. */
const violations = (texts: readonly Text[]): string[] =>
  [...new Map(texts.map(([where, text]) => [text, where]))].flatMap(([text, where]) => {
    const line = text.replaceAll(/\s+/g, ' ');
    return banned.flatMap((words) =>
      [...line.matchAll(words)].map(
        ({ index, 0: { length } }) => `${where}: … ${line.slice(Math.max(0, index - 30), index + length + 20)} …`,
      ),
    );
  });

const duckdb = await DuckDb.open();
afterAll(() => duckdb.close());
const catalog = await Catalog.open(duckdb);
const definitions = await catalog.definitions();

function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (part) => void (text += part), getOutHelpWidth: () => 1000 });
  command.outputHelp();
  return text;
}

const commandTree = (command: Command, name: string): (readonly [string, Command])[] => [
  [name, command],
  ...command.commands.flatMap((child) => commandTree(child, `${name} ${child.name()}`)),
];

test('help of the commands', async () => {
  const tree = commandTree(await buildProgram(processIo()), 'wattduck');
  expect(tree.length).toBeGreaterThan(20);
  expect(violations(tree.map(([name, command]) => [`${name} --help`, helpOf(command)]))).toEqual([]);
});

test('help of the reports', () => {
  const commands = definitions.reports.map((report) => {
    const daily = definitions.reports.find(({ name }) => name === report.forecast?.daily);
    return commandForReport(report, daily);
  });
  expect(commands.length).toBeGreaterThan(30);
  expect(violations(commands.map((command) => [`${command.name()} --help`, helpOf(command)]))).toEqual([]);
});

const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...readdirSync('docs', { encoding: 'utf8' }).flatMap((name) => (name.endsWith('.md') ? [`docs/${name}`] : [])),
];

test.each(pages)('%s', (page) => {
  const text = readFileSync(page, 'utf8');
  // The paragraph that lists the banned words.
  const checked = page === 'docs/style.md' ? text.replace(/^Never write:[\s\S]*?\n\n/m, '') : text;
  expect(violations(checked.split(/\n(?:\n|(?=[|#-]))/).map((paragraph) => [page, paragraph]))).toEqual([]);
});

/** Texts below a value that have one of these keys, with their paths. */
function textsUnder(value: unknown, keys: readonly string[], where: string): Text[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]: [string, unknown]): Text[] => {
    // Views of a report are checked by themselves.
    if (key === 'views' || key === 'forecast') return [];
    const path = `${where} ${key}`;
    if (keys.includes(key)) return [child].flat().flatMap((text) => (typeof text === 'string' ? [[path, text]] : []));
    return textsUnder(child, keys, path);
  });
}

test('front matter of the SQL files', () => {
  const texts = Object.values(definitions)
    .flat()
    .flatMap((definition) =>
      textsUnder(definition, ['title', 'description', 'details', 'reason', 'unit', 'what'], definition.path),
    );
  expect(texts.length).toBeGreaterThan(500);
  expect(violations(texts)).toEqual([]);
});

test('texts of the OpenAPI document', () => {
  const document: unknown = JSON.parse(readFileSync('docs/openapi.json', 'utf8'));
  const texts = textsUnder(document, ['title', 'summary', 'description'], 'openapi.json');
  expect(texts.length).toBeGreaterThan(500);
  expect(violations(texts)).toEqual([]);
});

test('error messages', () => {
  const texts = Object.entries<ErrorDefinition>(errorCatalog).flatMap(([code, { message, hint = '' }]): Text[] => [
    [code, message],
    [code, hint],
  ]);
  expect(violations(texts)).toEqual([]);
});

/** Comments of a file that have lines of their own, joined where they follow each other. */
const commentsOf = (path: string): Text[] =>
  Array.from(readFileSync(path, 'utf8').matchAll(/(?:^[ \t]*(?:\/\/|\/?\*|--).*\n)+/gm), ([lines]) => [
    path,
    lines.replaceAll(/^[ \t]*(?:\/\/|\/?\*+\/?|--)/gm, ''),
  ]);

test.each([
  ['src', '.ts'],
  ['sql', '.sql'],
])('comments in %s', (folder, extension) => {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith(extension));
  const comments = files.toSorted().flatMap((name) => commentsOf(`${folder}/${name}`));
  expect(comments.length).toBeGreaterThan(50);
  expect(violations(comments)).toEqual([]);
});
