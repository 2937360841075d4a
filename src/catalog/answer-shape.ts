import type { AnswerShape, Missing, View } from './definitions.ts';
import type { EngineView } from './engine-view.ts';
import { catalogFault, readMap, type SqlFile } from './frontmatter.ts';
import { suggest } from '../text/names.ts';
import { checkSubset } from './subset.ts';
import { asReport, onItsOwn, overAll } from './views.ts';

/** What a report has that its answer may name. */
interface Known {
  columns: readonly string[];
  /** Those documents may leave out. */
  optional: readonly string[];
  parameters: readonly string[];
  /** Views the report names; its answer may name them too. */
  views: readonly View[];
  engine: EngineView;
}

const keysOf: Record<string, Record<string, 'text' | 'texts' | 'map'>> = {
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
export async function readAnswer(file: SqlFile, head: Record<string, unknown>, known: Known): Promise<AnswerShape> {
  const at = ['answer'];
  const shape = String(head['shape']);
  const keys = keysOf[shape];
  if (!keys)
    throw catalogFault(
      file.path,
      file.lineOf([...at, 'shape']),
      `unknown shape "${shape}"`,
      suggest(shape, Object.keys(keysOf)),
    );
  const answer = readMap<
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
  >(file, at, head, keys, ['shape']);
  const oneOf = (value: string, place: readonly (string | number)[], names: readonly string[], what: string): void => {
    if (!names.includes(value)) {
      throw catalogFault(
        file.path,
        file.lineOf([...at, ...place]),
        `"${value}" is no ${what} of this report`,
        suggest(value, names),
      );
    }
  };
  const echo = answer.echo ?? [];
  echo.forEach((name, index) => oneOf(name, ['echo', index], known.parameters, 'parameter'));
  if (shape === 'tinybird') return { shape };
  const missing = async (): Promise<{ missing?: Missing }> => {
    if (answer.missing === undefined) return {};
    const read = readMap<Missing>(
      file,
      [...at, 'missing'],
      answer.missing,
      { parameter: 'text', what: 'text', unless: 'text' },
      ['parameter', 'what'],
    );
    oneOf(read.parameter, ['missing', 'parameter'], known.parameters, 'parameter');
    if (read.unless !== undefined) await checkSelect(file, ['missing', 'unless'], onItsOwn(read.unless), known);
    return { missing: read };
  };
  if (shape === 'list') {
    const expressions = async (
      part: 'totals' | 'facts',
      select: (sql: string) => string,
    ): Promise<Record<string, string>> => {
      const read = Object.fromEntries(Object.entries(answer[part] ?? {}).map(([name, sql]) => [name, String(sql)]));
      for (const [name, sql] of Object.entries(read)) await checkSelect(file, [part, name], select(sql), known);
      return read;
    };
    if (answer.guard !== undefined) await checkSelect(file, ['guard'], onItsOwn(answer.guard), known);
    const guard = answer.guard === undefined ? {} : { guard: answer.guard };
    const count = answer.count === undefined ? {} : { count: answer.count };
    const [totals, facts] = [await expressions('totals', overAll), await expressions('facts', onItsOwn)];
    return { shape, key: answer.key ?? 'data', echo, totals, facts, ...guard, ...count, ...(await missing()) };
  }

  const nest = Object.fromEntries(
    Object.entries(answer.nest ?? {}).map(([name, value]): [string, Record<string, string>] => {
      const place = ['nest', name];
      const columns = readMap<Record<string, string>>(
        file,
        [...at, ...place],
        value,
        Object.fromEntries(Object.keys((value ?? {}) as object).map((key) => [key, 'text'])),
      );
      Object.entries(columns).forEach(([key, column]) => oneOf(column, [...place, key], known.columns, 'column'));
      return [name, columns];
    }),
  );
  const whole = { shape: 'object' as const, echo, nest };
  if (answer.list !== undefined) {
    const list = readMap<{ key: string; columns: string[] }>(
      file,
      [...at, 'list'],
      answer.list,
      { key: 'text', columns: 'texts' },
      ['key', 'columns'],
    );
    list.columns.forEach((column, index) => oneOf(column, ['list', 'columns', index], known.columns, 'column'));
    if (list.columns.every((column) => known.optional.includes(column)))
      throw catalogFault(
        file.path,
        file.lineOf([...at, 'list', 'columns']),
        'a list of optional columns alone',
        'Name one that is there wherever a row is.',
      );
    Object.assign(whole, { list });
  }
  return { ...whole, ...(await missing()) };
}

/** Checks a select of the answer, in which the report may be named `report`, and its views by their names. */
async function checkSelect(
  file: SqlFile,
  place: readonly string[],
  select: string,
  { views, engine }: Known,
): Promise<void> {
  const line = file.lineOf(['answer', ...place]);
  try {
    await engine.check(`${asReport({ views: [...views], sql: file.sql, grouped: false })} ${select}`);
  } catch (error) {
    throw catalogFault(file.path, line, (error as Error).message.split('\n')[0] ?? '');
  }
  await checkSubset({ ...file, sql: select, sqlLine: line }, engine);
}
