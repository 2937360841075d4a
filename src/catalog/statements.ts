import type { CatalogDatabase } from './catalog-database.ts';
import { displayPath, readText, type CatalogFile } from './sql-files.ts';
import { statementError, statementText } from './sql-text.ts';

/** What a file of prelude/, system/ or sources/ makes: a table, or macros. */
export interface Statement {
  path: string;
  sql: string;
  firstLine: number;
}

export async function readStatement(file: CatalogFile): Promise<Statement> {
  const { path } = file;
  const fileText = await readText(file);
  if (!/^sources(\/|$)/.test(file.group)) return { path, sql: fileText, firstLine: 1 };
  const sql = statementText(displayPath(path), fileText);
  return { path, sql, firstLine: fileText.slice(0, fileText.indexOf(sql)).split('\n').length };
}

/** Makes all tables and macros at once; only a fault is looked for one by one. */
export async function runAll(database: CatalogDatabase, statements: readonly Statement[]): Promise<void> {
  if (statements.length === 0) return;
  try {
    await database.run(['begin transaction', ...statements.map(({ sql }) => sql), 'commit'].join('\n;\n'));
  } catch {
    // A misspelt statement fails before any is run.
    await database.run('rollback').catch(() => undefined);
    for (const { path, sql, firstLine } of statements) {
      await database.run(sql).catch((error: unknown) => {
        throw statementError(error, displayPath(path), firstLine);
      });
    }
  }
}

/** The macros of a built-in file one by one: each begins at the start of a line. */
export const singly = (statement: Statement): Statement[] =>
  statement.sql.split(/^(?=create )/m).map((sql) => ({ ...statement, sql }));

const words = (sql: string): string[] => sql.toLowerCase().match(/\w+/g) ?? [];

/** Those of the statements that make what the texts name, and what these name in turn; in their order. */
export function neededBy(texts: readonly string[], statements: readonly Statement[]): Statement[] {
  const makers = new Map(
    statements.map((statement) => [/^create (?:macro|table) (\w+)/m.exec(statement.sql)?.[1], statement] as const),
  );
  const needed = new Set<Statement>();
  const visit = (readText: string): void => {
    for (const word of words(readText)) {
      const maker = makers.get(word);
      if (!maker || needed.has(maker)) continue;
      needed.add(maker);
      visit(maker.sql);
    }
  };
  texts.forEach(visit);
  return statements.filter((statement) => needed.has(statement));
}

/** Names the user's statements make; undefined where that is not plain to see. */
export function namesMade(statements: readonly string[]): string[] | undefined {
  const readText = statements.join(';\n');
  if (/\b(?:alter|attach|call|detach|drop|execute|pragma|prepare|rename|set|use)\b/i.test(readText)) return undefined;
  const made = [
    ...readText.matchAll(
      /\bcreate\s+(?:or\s+replace\s+)?(?:macro|function|table)\s+(?:if\s+not\s+exists\s+)?(\w+)\s*\(/gi,
    ),
  ];
  return made.length === words(readText).filter((word) => word === 'create').length
    ? made.map(([, name]) => name!)
    : undefined;
}

/** Every text in a definition, whatever part of it. */
export const textsIn = (value: unknown): string[] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, each]) => [key, ...textsIn(each)])
    : [String(value)];
