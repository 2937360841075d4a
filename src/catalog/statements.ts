import type { CatalogDatabase } from './catalog-database.ts';
import { displayPath, readText, type CatalogFile } from './sql-files.ts';
import { statementError, statementText } from './sql-text.ts';

/** The SQL of a file in prelude/, system/ or sources/, which creates a table or macros. */
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

/** Creates all tables and macros at once. If that fails, runs them one by one to find the invalid statement. */
export async function runAll(database: CatalogDatabase, statements: readonly Statement[]): Promise<void> {
  if (statements.length === 0) return;
  try {
    await database.run(['begin transaction', ...statements.map(({ sql }) => sql), 'commit'].join('\n;\n'));
  } catch {
    // A syntax error is found before the transaction begins.
    await database.run('rollback').catch(() => undefined);
    for (const { path, sql, firstLine } of statements) {
      await database.run(sql).catch((error: unknown) => {
        throw statementError(error, displayPath(path), firstLine);
      });
    }
  }
}

/** Splits a built-in file into its statements: each begins at the start of a line. */
export const splitStatements = (statement: Statement): Statement[] =>
  statement.sql.split(/^(?=create )/m).map((sql) => ({ ...statement, sql }));

const words = (sql: string): string[] => sql.toLowerCase().match(/\w+/g) ?? [];

/** The statements that create what the SQL names, directly or through other statements, in their order. */
export function requiredStatements(sqlTexts: readonly string[], statements: readonly Statement[]): Statement[] {
  const statementsByName = new Map(
    statements.map((statement) => [/^create (?:macro|table) (\w+)/m.exec(statement.sql)?.[1], statement] as const),
  );
  const required = new Set<Statement>();
  const visit = (sql: string): void => {
    for (const word of words(sql)) {
      const statement = statementsByName.get(word);
      if (!statement || required.has(statement)) continue;
      required.add(statement);
      visit(statement.sql);
    }
  };
  sqlTexts.forEach(visit);
  return statements.filter((statement) => required.has(statement));
}

/** Names that the user's statements create; undefined if they cannot be read from the text. */
export function createdNames(statements: readonly string[]): string[] | undefined {
  const sql = statements.join(';\n');
  if (/\b(?:alter|attach|call|detach|drop|execute|pragma|prepare|rename|set|use)\b/i.test(sql)) return undefined;
  const matches = [
    ...sql.matchAll(/\bcreate\s+(?:or\s+replace\s+)?(?:macro|function|table)\s+(?:if\s+not\s+exists\s+)?(\w+)\s*\(/gi),
  ];
  return matches.length === words(sql).filter((word) => word === 'create').length
    ? matches.map(([, name]) => name!)
    : undefined;
}

/** All keys and values in a definition, at any depth, as strings. */
export const stringsIn = (value: unknown): string[] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, each]) => [key, ...stringsIn(each)])
    : [String(value)];
