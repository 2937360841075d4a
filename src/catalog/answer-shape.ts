import { suggest } from '../text/names.ts';
import type { CatalogDatabase } from './catalog-database.ts';
import type { AnswerShape, Missing, View } from './definitions.ts';
import { validateObject, type SqlFile } from './front-matter.ts';
import { checkPortability } from './portability.ts';
import { firstLineOf, sqlFileError } from './sql-text.ts';
import { reportCte, selectFromReport, selectScalar } from './views.ts';

/** What the answer of a report can refer to. */
interface AnswerContext {
  columns: readonly string[];
  /** Columns that documents leave out if null. */
  optional: readonly string[];
  parameters: readonly string[];
  /** Views that the report reads; its answer can read them too. */
  views: readonly View[];
  database: CatalogDatabase;
}

const shapeKeys: Record<string, Record<string, 'text' | 'texts' | 'map'>> = {
  tinybird: { shape: 'text' },
  list: {
    shape: 'text',
    key: 'text',
    echo: 'texts',
    totals: 'map',
    facts: 'map',
    guard: 'text',
    count: 'text',
    missing: 'map',
  },
  object: { shape: 'text', echo: 'texts', nest: 'map', list: 'map', empty: 'map', missing: 'map' },
};

/** Reads the JSON form of the answer of a report. */
export async function readAnswer(
  file: SqlFile,
  frontMatter: Record<string, unknown>,
  context: AnswerContext,
): Promise<AnswerShape> {
  const answerPath = ['answer'];
  const shape = String(frontMatter['shape']);
  const keys = shapeKeys[shape];
  if (!keys)
    throw sqlFileError(file.path, file.lineOf([...answerPath, 'shape']), 'sql_file_invalid_choice', {
      key: 'answer.shape',
      value: shape,
      suggestion: suggest(shape, Object.keys(shapeKeys)),
    });
  const answer = validateObject<
    Partial<{
      key: string;
      echo: string[];
      totals: Record<string, unknown>;
      facts: Record<string, unknown>;
      guard: string;
      count: string;
      nest: Record<string, unknown>;
      list: unknown;
      empty: Record<string, unknown>;
      missing: unknown;
    }>
  >(file, answerPath, frontMatter, keys, ['shape']);
  const assertParameter = (parameter: string, keyPath: readonly (string | number)[]): void => {
    if (!context.parameters.includes(parameter)) {
      throw sqlFileError(file.path, file.lineOf([...answerPath, ...keyPath]), 'sql_file_unknown_parameter', {
        parameter,
        suggestion: suggest(parameter, context.parameters),
      });
    }
  };
  const assertColumn = (column: string, keyPath: readonly (string | number)[]): void => {
    if (!context.columns.includes(column)) {
      throw sqlFileError(file.path, file.lineOf([...answerPath, ...keyPath]), 'sql_file_unknown_column', {
        column,
        object: 'this report',
        suggestion: suggest(column, context.columns),
      });
    }
  };
  const echo = answer.echo ?? [];
  echo.forEach((name, index) => assertParameter(name, ['echo', index]));
  if (shape === 'tinybird') return { shape };
  const missing = async (): Promise<{ missing?: Missing }> => {
    if (answer.missing === undefined) return {};
    const read = validateObject<Missing>(
      file,
      [...answerPath, 'missing'],
      answer.missing,
      { parameter: 'text', what: 'text', unless: 'text', read_all: 'flag' },
      ['parameter', 'what'],
    );
    assertParameter(read.parameter, ['missing', 'parameter']);
    if (read.unless !== undefined) await checkSelect(file, ['missing', 'unless'], selectScalar(read.unless), context);
    return { missing: read };
  };
  const expressions = async (
    part: 'totals' | 'facts' | 'empty',
    select: (sql: string) => string,
  ): Promise<Record<string, string>> => {
    const expressions = Object.fromEntries(
      Object.entries(answer[part] ?? {}).map(([name, sql]) => [name, String(sql)]),
    );
    for (const [name, sql] of Object.entries(expressions)) await checkSelect(file, [part, name], select(sql), context);
    return expressions;
  };
  if (shape === 'list') {
    if (answer.guard !== undefined) await checkSelect(file, ['guard'], selectScalar(answer.guard), context);
    const guard = answer.guard === undefined ? {} : { guard: answer.guard };
    const count = answer.count === undefined ? {} : { count: answer.count };
    const [totals, facts] = [await expressions('totals', selectFromReport), await expressions('facts', selectScalar)];
    return { shape, key: answer.key ?? 'data', echo, totals, facts, ...guard, ...count, ...(await missing()) };
  }

  const nest = Object.fromEntries(
    Object.entries(answer.nest ?? {}).map(([name, value]): [string, Record<string, string>] => {
      const keyPath = ['nest', name];
      const columns = validateObject<Record<string, string>>(
        file,
        [...answerPath, ...keyPath],
        value,
        Object.fromEntries(Object.keys((value ?? {}) as object).map((key) => [key, 'text'])),
      );
      Object.entries(columns).forEach(([key, column]) => assertColumn(column, [...keyPath, key]));
      return [name, columns];
    }),
  );
  const objectShape = { shape: 'object' as const, echo, nest };
  if (answer.list !== undefined) {
    const list = validateObject<{ key: string; columns: string[] }>(
      file,
      [...answerPath, 'list'],
      answer.list,
      { key: 'text', columns: 'texts' },
      ['key', 'columns'],
    );
    list.columns.forEach((column, index) => assertColumn(column, ['list', 'columns', index]));
    if (list.columns.every((column) => context.optional.includes(column)))
      throw sqlFileError(file.path, file.lineOf([...answerPath, 'list', 'columns']), 'sql_file_optional_list');
    Object.assign(objectShape, { list });
  }
  if (answer.empty !== undefined) {
    Object.keys(answer.empty).forEach((column) => assertColumn(column, ['empty', column]));
    Object.assign(objectShape, { empty: await expressions('empty', selectScalar) });
  }
  return { ...objectShape, ...(await missing()) };
}

/** Checks a select of the answer, which can read the report as `report` and its views by name. */
async function checkSelect(
  file: SqlFile,
  keyPath: readonly string[],
  select: string,
  { views, database }: AnswerContext,
): Promise<void> {
  const line = file.lineOf(['answer', ...keyPath]);
  try {
    await database.check(`${reportCte({ views: [...views], sql: file.sql, grouped: false })} ${select}`);
  } catch (error) {
    throw sqlFileError(file.path, line, 'sql_file_invalid_statement', { reason: firstLineOf(error) });
  }
  await checkPortability({ ...file, sql: select, sqlLine: line }, database);
}
