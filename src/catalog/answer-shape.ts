import type { AnswerShape } from './definitions.ts';
import type { EngineView } from './engine-view.ts';
import { catalogFault, readMap, type SqlFile } from './frontmatter.ts';
import { suggest } from './names.ts';
import { checkSubset } from './subset.ts';

/** What a report has that its answer may name. */
interface Known {
  columns: readonly string[];
  parameters: readonly string[];
  /** The report's select with its views before it. */
  whole: SqlFile;
  engine: EngineView;
}

const keysOf: Record<string, Record<string, 'text' | 'texts' | 'map'>> = {
  tinybird: { shape: 'text' },
  list: { shape: 'text', key: 'text', echo: 'texts', totals: 'map' },
  object: { shape: 'text', echo: 'texts', nest: 'map', list: 'map', missing: 'map' },
};

/** Reads what form the answer of a report has as JSON. */
export async function readAnswer(file: SqlFile, head: Record<string, unknown>, known: Known): Promise<AnswerShape> {
  const at = ['answer'];
  const shape = String(head['shape']);
  const keys = keysOf[shape];
  if (!keys) throw catalogFault(file.path, file.lineOf([...at, 'shape']), `unknown shape "${shape}"`, suggest(shape, Object.keys(keysOf)));
  const answer = readMap<Partial<{ key: string; echo: string[]; totals: Record<string, unknown>; nest: Record<string, unknown>; list: unknown; missing: unknown }>>(
    file, at, head, keys, ['shape'],
  );
  const oneOf = (value: string, place: readonly (string | number)[], names: readonly string[], what: string): void => {
    if (!names.includes(value)) {
      throw catalogFault(file.path, file.lineOf([...at, ...place]), `"${value}" is no ${what} of this report`, suggest(value, names));
    }
  };
  const echo = answer.echo ?? [];
  echo.forEach((name, index) => oneOf(name, ['echo', index], known.parameters, 'parameter'));
  if (shape === 'tinybird') return { shape };
  if (shape === 'list') return { shape, key: answer.key ?? 'data', echo, totals: await readTotals(file, answer.totals ?? {}, known) };

  const nest = Object.fromEntries(
    Object.entries(answer.nest ?? {}).map(([name, value]): [string, Record<string, string>] => {
      const place = ['nest', name];
      const columns = readMap<Record<string, string>>(file, [...at, ...place], value, Object.fromEntries(Object.keys((value ?? {}) as object).map((key) => [key, 'text'])));
      Object.entries(columns).forEach(([key, column]) => oneOf(column, [...place, key], known.columns, 'column'));
      return [name, columns];
    }),
  );
  const whole = { shape: 'object' as const, echo, nest };
  if (answer.list !== undefined) {
    const list = readMap<{ key: string; columns: string[] }>(file, [...at, 'list'], answer.list, { key: 'text', columns: 'texts' }, ['key', 'columns']);
    list.columns.forEach((column, index) => oneOf(column, ['list', 'columns', index], known.columns, 'column'));
    Object.assign(whole, { list });
  }
  if (answer.missing !== undefined) {
    const missing = readMap<{ parameter: string; what: string }>(file, [...at, 'missing'], answer.missing, { parameter: 'text', what: 'text' }, ['parameter', 'what']);
    oneOf(missing.parameter, ['missing', 'parameter'], known.parameters, 'parameter');
    Object.assign(whole, { missing });
  }
  return whole;
}

async function readTotals(file: SqlFile, head: Record<string, unknown>, { whole, engine }: Known): Promise<Record<string, string>> {
  const totals = Object.fromEntries(Object.entries(head).map(([name, sql]) => [name, String(sql)]));
  for (const [name, sql] of Object.entries(totals)) {
    const line = file.lineOf(['answer', 'totals', name]);
    const select = `select ${sql} from report`;
    try {
      await engine.describe(`with report as (${whole.sql}\n) ${select}`);
    } catch (error) {
      throw catalogFault(file.path, line, (error as Error).message.split('\n')[0] ?? '');
    }
    await checkSubset({ ...file, sql: select, sqlLine: line }, engine);
  }
  return totals;
}
