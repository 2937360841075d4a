import { suggest } from '../text/names.ts';
import type { CatalogDatabase } from './catalog-database.ts';
import type { AnswerShape, Missing, View } from './definitions.ts';
import { catalogFault, validateObject, type SqlFile } from './front-matter.ts';
import { checkPortability } from './portability.ts';
import { reportCte, selectFromReport, selectScalar } from './views.ts';

/** What a report has that its answer may name. */
interface AnswerContext {
  columns: readonly string[];
  /** Those documents may leave out. */
  optional: readonly string[];
  parameters: readonly string[];
  /** Views the report names; its answer may name them too. */
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
  object: { shape: 'text', echo: 'texts', nest: 'map', list: 'map', missing: 'map' },
};

/** Reads what form the answer of a report has as JSON. */
export async function readAnswer(
  file: SqlFile,
  frontMatter: Record<string, unknown>,
  context: AnswerContext,
): Promise<AnswerShape> {
  const answerPath = ['answer'];
  const shape = String(frontMatter['shape']);
  const keys = shapeKeys[shape];
  if (!keys)
    throw catalogFault(
      file.path,
      file.lineOf([...answerPath, 'shape']),
      `unknown shape "${shape}"`,
      suggest(shape, Object.keys(shapeKeys)),
    );
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
      missing: unknown;
    }>
  >(file, answerPath, frontMatter, keys, ['shape']);
  const assertOneOf = (
    value: string,
    keyPath: readonly (string | number)[],
    names: readonly string[],
    what: string,
  ): void => {
    if (!names.includes(value)) {
      throw catalogFault(
        file.path,
        file.lineOf([...answerPath, ...keyPath]),
        `"${value}" is no ${what} of this report`,
        suggest(value, names),
      );
    }
  };
  const echo = answer.echo ?? [];
  echo.forEach((name, index) => assertOneOf(name, ['echo', index], context.parameters, 'parameter'));
  if (shape === 'tinybird') return { shape };
  const missing = async (): Promise<{ missing?: Missing }> => {
    if (answer.missing === undefined) return {};
    const read = validateObject<Missing>(
      file,
      [...answerPath, 'missing'],
      answer.missing,
      { parameter: 'text', what: 'text', unless: 'text' },
      ['parameter', 'what'],
    );
    assertOneOf(read.parameter, ['missing', 'parameter'], context.parameters, 'parameter');
    if (read.unless !== undefined) await checkSelect(file, ['missing', 'unless'], selectScalar(read.unless), context);
    return { missing: read };
  };
  if (shape === 'list') {
    const expressions = async (
      part: 'totals' | 'facts',
      select: (sql: string) => string,
    ): Promise<Record<string, string>> => {
      const expressions = Object.fromEntries(
        Object.entries(answer[part] ?? {}).map(([name, sql]) => [name, String(sql)]),
      );
      for (const [name, sql] of Object.entries(expressions))
        await checkSelect(file, [part, name], select(sql), context);
      return expressions;
    };
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
      Object.entries(columns).forEach(([key, column]) =>
        assertOneOf(column, [...keyPath, key], context.columns, 'column'),
      );
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
    list.columns.forEach((column, index) => assertOneOf(column, ['list', 'columns', index], context.columns, 'column'));
    if (list.columns.every((column) => context.optional.includes(column)))
      throw catalogFault(
        file.path,
        file.lineOf([...answerPath, 'list', 'columns']),
        'a list of optional columns alone',
        'Name one that is there wherever a row is.',
      );
    Object.assign(objectShape, { list });
  }
  return { ...objectShape, ...(await missing()) };
}

/** Checks a select of the answer, in which the report may be named `report`, and its views by their names. */
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
    throw catalogFault(file.path, line, (error as Error).message.split('\n')[0] ?? '');
  }
  await checkPortability({ ...file, sql: select, sqlLine: line }, database);
}
